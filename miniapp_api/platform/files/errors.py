"""What is wrong with a file that was handed in, and what to do about it."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal, Unavailable


class FileTooLarge(Refusal):
    """More bytes than a file may have."""

    status, code, title = 413, "file_too_large", "文件太大了，请压缩后再传"


class FileEmpty(Refusal):
    """No bytes at all."""

    status, code, title = 422, "file_empty", "文件是空的，请重新选择"


class FileTypeUnsupported(Refusal):
    """Neither PDF nor JPG, PNG or HEIC, whatever its name says."""

    status, code, title = 422, "file_type_unsupported", "只收 PDF、JPG、PNG、HEIC，请换一种格式"


class FileSuspicious(Refusal):
    """A file that is two things at once."""

    status, code, title = 422, "file_suspicious", "这个文件里夹带了别的内容，请重新导出或拍照后再传"


class FileInfected(Refusal):
    """The scanner found something."""

    status, code, title = 422, "file_infected", "这个文件带病毒，没有收下，请先杀毒"


class PictureTooLarge(Refusal):
    """More pixels than a picture may have."""

    status, code, title = 422, "picture_too_large", "图片尺寸太大了，请缩小后再传"


class PictureBroken(Refusal):
    """The picture cannot be drawn."""

    status, code, title = 422, "picture_broken", "图片打不开，请重新拍照后再传"


class PdfBroken(Refusal):
    """The PDF cannot be read."""

    status, code, title = 422, "pdf_broken", "PDF 打不开，请重新导出后再传"


class PdfEncrypted(Refusal):
    """The PDF has a password."""

    status, code, title = 422, "pdf_encrypted", "PDF 设了密码，请去掉密码后再传"


class PdfTooLong(Refusal):
    """More pages than a PDF may have."""

    status, code, title = 422, "pdf_too_long", "PDF 页数太多了，请拆开再传"


class ScanUnavailable(Unavailable):
    """The scanner does not answer: nothing is taken in unscanned."""

    code, title = "scan_unavailable", "文件检查暂时不可用，请稍后再传"


class StoreUnavailable(Unavailable):
    """The store does not answer."""

    code, title = "store_unavailable", "文件暂时存不了，请稍后再传"


FILE_ERRORS: tuple[type[Refusal], ...] = (
    FileTooLarge, FileEmpty, FileTypeUnsupported, FileSuspicious, FileInfected, PictureTooLarge,
    PictureBroken, PdfBroken, PdfEncrypted, PdfTooLong, ScanUnavailable, StoreUnavailable,
)  # fmt: skip
