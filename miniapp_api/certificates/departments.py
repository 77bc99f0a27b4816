"""The departments' data exchange (部门数据共享): a Protocol, the HTTP client, what can go wrong.

POST {url}/{department}/certificates/query {type, holder_code, holder_name, authorisation}
answers {"result": "found", "certificate": {…}} with the national list's fields, or
{"result": "not_found"}; 403 refuses. Whatever else comes is a fault of the department.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Protocol, Self
from uuid import UUID

import aiohttp
import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from miniapp_api.certificates import rules
from miniapp_api.certificates.errors import (
    DepartmentGarbled,
    DepartmentMismatch,
    DepartmentRefused,
    DepartmentUnavailable,
)
from miniapp_api.certificates.rules import Department

MOST_BYTES = 256 * 1024  # a certificate is small: whatever is longer is not one


@dataclass(frozen=True)
class Question:
    """What a department is asked: one certificate of one holder, under one authorisation."""

    type_id: str
    holder_code: str
    holder_name: str
    authorisation: UUID


def _compact_date(value: Any) -> date:
    """Read 20210108, as the national list writes dates, and nothing else."""
    if not isinstance(value, str) or not re.fullmatch(r"[12]\d{7}", value, re.ASCII):
        raise ValueError("not a date")
    return date(int(value[:4]), int(value[4:6]), int(value[6:]))


def _compact_end(value: Any) -> date:
    """Read the last day of validity: 99991231 is far away, and common."""
    far = isinstance(value, str) and re.fullmatch(r"9999\d{4}", value, re.ASCII)
    return date.max if far else _compact_date(value)


CompactDate = Annotated[date, BeforeValidator(_compact_date)]
CompactEnd = Annotated[date, BeforeValidator(_compact_end)]
Text = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Code = Annotated[str, Field(max_length=64, pattern=r"^[\x20-\x7e]*$")]


class DepartmentCertificate(BaseModel):
    """A certificate (电子证照) as a department gives it."""

    model_config = ConfigDict(frozen=True)

    certificate_identifier: Annotated[str, Field(max_length=200)]
    certificate_type_no: Text
    certificate_number: Text
    certificate_name: Text
    certificate_version: Annotated[str, Field(pattern=r"^\d{3}$")]
    certificate_type_name: Text
    certificate_type_name_code: Code
    certificate_issuing_authority_date: CompactDate
    certificate_issuing_authority_name: Text
    certificate_issuing_authority_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$")] | None = (
        None
    )
    certificate_validate_start: CompactDate | None = None
    certificate_validate_end: CompactEnd | None = None
    certificate_area_code: Annotated[str, Field(pattern=r"^\d{6}$")]
    certificate_holder_name: Text
    certificate_holder_code: Text
    certificate_holder_type: Annotated[str, Field(pattern=r"^\d{3}$")]
    related_item_code: Code | None = None
    extend_info: dict[str, Any] = Field(default_factory=dict)
    status: Literal["I", "U", "D"]  # new, changed, withdrawn [check: the exchange's row marks]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        start, end = self.certificate_validate_start, self.certificate_validate_end
        if start and end and end < start:
            raise ValueError("valid until before it is valid")
        if not rules.identifier_valid(self.certificate_identifier):
            raise ValueError("not a certificate's identifier")
        try:
            orjson.dumps(self.extend_info)
        except TypeError:  # numbers too large, characters that do not exist
            raise ValueError("content that cannot be kept") from None
        return self


class _Answer(BaseModel):
    """A department's answer."""

    result: Literal["found", "not_found"]
    certificate: DepartmentCertificate | None = None

    @model_validator(mode="after")
    def _with_certificate(self) -> Self:
        if (self.result == "found") != (self.certificate is not None):
            raise ValueError("found without a certificate, or the other way round")
        return self


class DepartmentConnector(Protocol):
    """Asks one department's system."""

    async def query(self, question: Question) -> DepartmentCertificate | None:
        """Return the certificate, None when there is none.

        Raises DepartmentUnavailable, DepartmentGarbled, DepartmentRefused, DepartmentMismatch.
        """


class HttpDepartment:
    """A department behind the data exchange."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, department: Department, timeout: float
    ) -> None:
        self._session = session
        self._url = f"{url.rstrip('/')}/{department}/certificates/query"
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def query(self, question: Question) -> DepartmentCertificate | None:
        """Ask; the holder travels in the body only, and only his own certificate comes back."""
        answer = _read(await self._ask(question))
        if answer.certificate is None or answer.certificate.status == "D":
            return None
        return _checked(answer.certificate, question)

    async def _ask(self, question: Question) -> bytes:
        body = {
            "type": question.type_id,
            "holder_code": question.holder_code,
            "holder_name": question.holder_name,
            "authorisation": str(question.authorisation),
        }
        try:
            async with self._session.post(
                self._url, json=body, timeout=self._timeout, allow_redirects=False
            ) as reply:
                if reply.status == 403:
                    raise DepartmentRefused()
                if reply.status != 200:
                    raise DepartmentUnavailable(retry_after=60)
                return await _limited(reply.content)
        except (TimeoutError, aiohttp.ClientError):
            raise DepartmentUnavailable(retry_after=60) from None


async def _limited(stream: aiohttp.StreamReader) -> bytes:
    """Read an answer, but not for ever."""
    read = bytearray()
    async for chunk in stream.iter_any():
        read += chunk
        if len(read) > MOST_BYTES:
            raise DepartmentGarbled()
    return bytes(read)


def _read(content: bytes) -> _Answer:
    try:
        return _Answer.model_validate_json(content)
    except ValidationError:
        raise DepartmentGarbled() from None  # without its message, which quotes the answer


def _checked(found: DepartmentCertificate, question: Question) -> DepartmentCertificate:
    """Let nobody else's certificate pass, nor one of another type."""
    right = (
        found.certificate_type_no == question.type_id
        and rules.same_code(found.certificate_holder_code, question.holder_code)
        and rules.same_name(found.certificate_holder_name, question.holder_name)
    )
    if not right:
        raise DepartmentMismatch()
    return found
