"""Refusals of editing."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class GuideNotFound(Refusal):
    """No such guide or notice, or one of another region's catalogue."""

    status, code, title = 404, "guide_not_found", "没有找到这份指南"


class VersionNotFound(Refusal):
    """No such version."""

    status, code, title = 404, "version_not_found", "没有找到这一版"


class DraftOpen(Refusal):
    """The guide has a version that is being written or decided; `version` names it."""

    status, code, title = 409, "draft_open", "这份指南已有一版在改或待审,请先处理完"


class DraftChanged(Refusal):
    """Somebody saved meanwhile; nothing was overwritten. `revision` is the one to look at."""

    status, code, title = 409, "draft_changed", "别人先存了一次,您的内容还没有存"


class VersionMoved(Refusal):
    """The version is not in a state for this any more; `state` is the one it has."""

    status, code, title = 409, "version_moved", "这一版的状态已经变了,请刷新再看"


class OwnWork(Refusal):
    """Who wrote a version does not approve it (四眼原则)."""

    status, code, title = 403, "own_work", "自己参与编写的,要由另一个人审批"


class GuideFaulty(Refusal):
    """The text has faults; `faults` names line, field and what is wrong."""

    status, code, title = 422, "guide_faulty", "还有错误没改好,不能提交或发布"


class GuideMoved(Refusal):
    """What citizens see changed since this version was begun; it would undo that."""

    status, code, title = 409, "guide_moved", "在用的版本已经变了,请撤回后对照新版再改"
