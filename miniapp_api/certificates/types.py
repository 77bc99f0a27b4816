"""The types of certificates (证照类型): what the handbook calls them and where they come from."""

from __future__ import annotations

from collections.abc import Callable

from miniapp_api.certificates.errors import CertificateTypeUnknown
from miniapp_api.certificates.rules import DEPARTMENT_NAMES, HolderKind
from miniapp_api.certificates.schemas import FetchableType
from miniapp_api.certificates.sources import Sources, TypeSource
from miniapp_api.guides.handbook import Handbook

EVERYBODY: tuple[HolderKind, ...] = ("person", "enterprise")


class Types:
    """Knows the types; the handbook is read anew whenever its editors change it."""

    def __init__(self, handbook: Callable[[], Handbook], sources: Sources) -> None:
        self._handbook = handbook
        self._sources = {source.type: source for source in sources.types}

    def require(self, type_id: str) -> TypeSource:
        """Return a type's source, raise CertificateTypeUnknown; one without a line is unshared."""
        if type_id not in self._handbook().certificates:
            raise CertificateTypeUnknown()
        unshared = TypeSource(type=type_id, department=None, holders=EVERYBODY, valid_months=None)
        return self._sources.get(type_id, unshared)

    def fetchable(self) -> list[FetchableType]:
        """Return what a person can have fetched (可领取的证照), in the handbook's order."""
        known = self._handbook().certificates
        sources = ((type_id, self._sources.get(type_id)) for type_id in known)
        return [
            FetchableType(
                type_id=type_id,
                name=known[type_id].name,
                department_name=DEPARTMENT_NAMES[source.department],
            )
            for type_id, source in sources
            if source and source.department and "person" in source.holders
        ]

    def name(self, type_id: str) -> str:
        """Return a type's name (证照名称), or its id when the editors removed it."""
        known = self._handbook().certificates.get(type_id)
        return known.name if known else type_id
