"""Tables of certificates; columns named as in the national list of certificate fields."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from miniapp_api.platform.sealing import SealedField


class Certificate(models.Model):
    """A certificate of the vault (电子证照); what tells of its holder is sealed."""

    id = fields.UUIDField(primary_key=True)
    holder_kind = fields.CharField(max_length=16)
    holder = fields.UUIDField()
    certificate_identifier = SealedField()
    certificate_type_no = fields.CharField(max_length=64)
    certificate_number = SealedField()
    certificate_name = fields.CharField(max_length=100)
    certificate_version = fields.CharField(max_length=3)
    certificate_type_name = fields.CharField(max_length=100)
    certificate_type_name_code = fields.CharField(max_length=64, null=True)
    certificate_issuing_authority_date = fields.DateField()
    certificate_issuing_authority_name = fields.CharField(max_length=100)
    certificate_issuing_authority_code = fields.CharField(max_length=18, null=True)
    certificate_validate_start = fields.DateField(null=True)
    certificate_validate_end = fields.DateField(null=True)
    certificate_area_code = fields.CharField(max_length=6)
    certificate_holder_name = SealedField()
    certificate_holder_code = SealedField()
    certificate_holder_type = fields.CharField(max_length=3)
    certificate_holder_type_name = fields.CharField(max_length=40)
    related_item_code = fields.CharField(max_length=64, null=True)
    extend_info = SealedField()  # the certificate's content, as JSON
    status = fields.CharField(max_length=16)  # rules.Status
    status_reason = SealedField(null=True)
    source = fields.CharField(max_length=16)  # issued: by our decision; fetched: by a department
    department = fields.CharField(max_length=32, null=True)
    case_id = fields.UUIDField(null=True)
    content_index = fields.CharField(max_length=64)  # tells whether a department says the same
    fresh_until = fields.DatetimeField(null=True)
    superseded_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "certificate"
        indexes = (PostgreSQLIndex(fields=("holder", "certificate_type_no")),)
        constraints = (
            UniqueConstraint(
                fields=("case_id", "certificate_type_no", "holder"),
                name="certificate_one_per_case",
                condition="source = 'issued'",
            ),
            UniqueConstraint(
                fields=("holder_kind", "holder", "certificate_type_no"),
                name="certificate_one_fetched",
                condition="source = 'fetched' AND superseded_at IS NULL",
            ),
            CheckConstraint(
                check="certificate_validate_end >= certificate_validate_start",
                name="certificate_order",
            ),
            CheckConstraint(
                check="(source = 'issued') = (case_id IS NOT NULL AND fresh_until IS NULL)",
                name="certificate_origin",
            ),
        )


class DataAuthorisation(models.Model):
    """A citizen's authorisation to ask departments (数据授权): for one purpose, for one use."""

    id = fields.UUIDField(primary_key=True)
    citizen = fields.UUIDField()
    holder_kind = fields.CharField(max_length=16)
    holder = fields.UUIDField()
    types: list = fields.JSONField()
    purpose = fields.CharField(max_length=16)
    item = fields.CharField(max_length=64, null=True)
    case_id = fields.UUIDField(null=True)
    given_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "data_authorisation"
        indexes = (PostgreSQLIndex(fields=("citizen", "given_at")),)


class DataLedger(models.Model):
    """The ledger of shared data (数据共享台账): who asked what, when, for which case."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    purpose = fields.CharField(max_length=16)
    asker_kind = fields.CharField(max_length=16)  # citizen or staff
    asker = fields.UUIDField()
    hall = fields.CharField(max_length=64, null=True)
    window = fields.CharField(max_length=16, null=True)
    holder_kind = fields.CharField(max_length=16)
    holder = fields.UUIDField()
    certificate_type_no = fields.CharField(max_length=64)
    certificate = fields.UUIDField(null=True)
    department = fields.CharField(max_length=32, null=True)
    item = fields.CharField(max_length=64, null=True)
    case_id = fields.UUIDField(null=True)
    authorisation = fields.UUIDField(null=True)
    outcome = fields.CharField(max_length=32)  # asked until the department's answer is known
    answered_at = fields.DatetimeField(null=True)
    code = fields.UUIDField(null=True, unique=True)  # of the shown code that was verified

    class Meta:
        """Table options."""

        table = "data_ledger"
        indexes = (
            PostgreSQLIndex(fields=("holder", "id")),
            PostgreSQLIndex(fields=("asker", "id")),
            PostgreSQLIndex(fields=("case_id",)),
            PostgreSQLIndex(fields=("at",)),
        )
