"""Certificates as their holder sees them: what tells of a person is masked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from miniapp_api.certificates import rules
from miniapp_api.certificates.rules import Certificate
from miniapp_api.certificates.schemas import CertificateDetail, Certificates, CertificateView


def listed(certificates: Iterable[Certificate], now: datetime) -> Certificates:
    """Show certificates in a list."""
    return Certificates(
        certificates=[CertificateView(**_common(certificate, now)) for certificate in certificates]
    )


def detail(certificate: Certificate, now: datetime) -> CertificateDetail:
    """Show one certificate with its content."""
    name, code = certificate.holder_name, certificate.holder_code
    return CertificateDetail(
        **_common(certificate, now),
        certificate_identifier=rules.masked(certificate.identifier, name, code),
        certificate_version=certificate.version,
        certificate_area_code=certificate.area_code,
        content=rules.masked(certificate.content, name, code),
        status_reason=certificate.status_reason,
    )


def whole(certificate: Certificate, now: datetime) -> CertificateDetail:
    """Show one certificate unmasked, for its holder's own copy (个人信息副本)."""
    return detail(certificate, now).model_copy(
        update={
            "certificate_number": certificate.number,
            "certificate_holder_name": certificate.holder_name,
            "certificate_holder_code": certificate.holder_code,
            "certificate_identifier": certificate.identifier,
            "content": certificate.content,
        }
    )


def _holder(certificate: Certificate) -> dict[str, str]:
    """Return who holds a certificate: a person masked; what an enterprise is called is public."""
    name, code = certificate.holder_name, certificate.holder_code
    if certificate.holder.kind == "person":
        name, code = rules.mask_name(name), rules.mask_code(code)
    return {"certificate_holder_name": name, "certificate_holder_code": code}


def _common(certificate: Certificate, now: datetime) -> dict[str, Any]:
    brief = certificate.brief
    return {
        "id": brief.id,
        "type_id": brief.type_id,
        "certificate_name": brief.name,
        "certificate_number": rules.mask_code(certificate.number),
        "certificate_issuing_authority_name": brief.authority_name,
        "certificate_issuing_authority_date": brief.issued_on,
        "certificate_validate_start": brief.valid_from,
        "certificate_validate_end": brief.valid_until,
        **_holder(certificate),
        "state": rules.state_at(brief, now),
        "source": brief.source,
        "department": brief.department,
        "fresh_until": brief.fresh_until,
    }
