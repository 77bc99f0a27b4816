"""Tables of applications."""

from __future__ import annotations

from tortoise import fields, models
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.migrations.constraints import UniqueConstraint

from miniapp_api.platform.sealing import SealedField


class Draft(models.Model):
    """An application that is being filled in (草稿); its id is the case's, once submitted."""

    id = fields.UUIDField(primary_key=True)
    citizen = fields.UUIDField()  # who fills it in
    kind = fields.CharField(max_length=16)  # person, enterprise
    applicant = fields.UUIDField()  # whose matter it is
    grant = fields.UUIDField(null=True)  # the consent (代办授权) it is filled in under
    item = fields.CharField(max_length=64)
    bundle = fields.UUIDField(null=True)  # the bundle (一件事) that it is filled in with
    form_version = fields.CharField(max_length=12)
    options: dict = fields.JSONField()
    answers_sealed = SealedField()
    delivery = fields.CharField(max_length=16, null=True)
    revision = fields.IntField()  # of two devices, the one that knows the latest may write
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField(db_index=True)
    submitted_at = fields.DatetimeField(null=True)

    class Meta:
        """Table options."""

        table = "draft"
        indexes = (PostgreSQLIndex(fields=("citizen", "updated_at")),)
        constraints = (
            UniqueConstraint(
                fields=("citizen", "applicant", "item"),
                name="draft_one_open",
                condition="submitted_at IS NULL AND bundle IS NULL",
            ),
        )


class WalkIn(models.Model):
    """A draft that a clerk fills in for whoever is at his window (现场受理).

    He may as long as he has the ticket in hand, and no longer.
    """

    draft = fields.UUIDField(primary_key=True)
    citizen = fields.UUIDField()
    ticket = fields.UUIDField()
    number = fields.CharField(max_length=12)  # of the ticket, as called
    clerk = fields.UUIDField()
    opened_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "walk_in"


class BundleApplication(models.Model):
    """Several items applied for as one (一件事联办): what holds their drafts, and then cases."""

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=20, unique=True, null=True)  # once submitted
    citizen = fields.UUIDField()
    kind = fields.CharField(max_length=16)
    applicant = fields.UUIDField()
    grant = fields.UUIDField(null=True)
    code = fields.CharField(max_length=64)  # of the handbook's bundle
    name = fields.CharField(max_length=200)
    lead = fields.CharField(max_length=64)  # the department that leads (牵头部门)
    departments: list = fields.JSONField()  # of its members
    revision = fields.IntField()  # of the form: of two devices, one may write
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField(db_index=True)
    submitted_at = fields.DatetimeField(null=True)
    concluded_at = fields.DatetimeField(null=True)  # joint acceptance (联合受理) is over

    class Meta:
        """Table options."""

        table = "bundle"
        indexes = (PostgreSQLIndex(fields=("citizen", "updated_at")),)
        constraints = (
            UniqueConstraint(
                fields=("citizen", "applicant", "code"),
                name="bundle_one_open",
                condition="submitted_at IS NULL",
            ),
        )


class BundleMember(models.Model):
    """An item of a bundle application; its id is the draft's, and then the case's."""

    id = fields.UUIDField(primary_key=True)
    bundle = fields.UUIDField()
    item = fields.CharField(max_length=64)
    position = fields.IntField()  # whoever is waited for comes before who waits
    chosen = fields.BooleanField()
    waits_for: list = fields.JSONField()  # items of the bundle (前置事项)

    class Meta:
        """Table options."""

        table = "bundle_member"
        unique_together = (("bundle", "item"),)


class Attachment(models.Model):
    """A file or an electronic certificate handed in for a material (材料附件)."""

    id = fields.UUIDField(primary_key=True)
    draft = fields.UUIDField()
    material = fields.CharField(max_length=12)
    blob = fields.CharField(max_length=128, null=True)
    certificate = fields.UUIDField(null=True)
    media_type = fields.CharField(max_length=40, null=True)
    size = fields.BigIntField(null=True)
    sha256 = fields.CharField(max_length=64, null=True)
    pages = fields.IntField(null=True)
    name_sealed = SealedField(null=True)  # file names often carry a person's name
    round = fields.IntField()  # 0 with the application, 1 with the correction
    created_at = fields.DatetimeField()

    class Meta:
        """Table options."""

        table = "attachment"
        indexes = (PostgreSQLIndex(fields=("draft",)),)


class Application(models.Model):
    """A case (办件): what was applied for, where it stands, who has it, until when."""

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=17, unique=True)
    citizen = fields.UUIDField()
    kind = fields.CharField(max_length=16)
    applicant = fields.UUIDField()
    grant = fields.UUIDField(null=True)
    item = fields.CharField(max_length=64)
    item_name = fields.CharField(max_length=200)
    item_version = fields.IntField()
    department = fields.CharField(max_length=64)
    hall = fields.CharField(max_length=64)
    form_version = fields.CharField(max_length=12)
    options: dict = fields.JSONField()
    answers_sealed = SealedField()
    applicant_sealed = SealedField()  # the name as shown to clerks
    applicant_masked = fields.CharField(max_length=80)
    delivery = fields.CharField(max_length=16, null=True)
    channel = fields.CharField(max_length=16)  # online, window
    state = fields.CharField(max_length=16)
    version = fields.IntField()  # one more with every step
    since = fields.DatetimeField()  # in this state
    submitted_at = fields.DatetimeField()
    act_by = fields.DateField()  # until when somebody has to act
    accepted_on = fields.DateField(null=True)
    promised_days = fields.IntField(null=True)
    statutory_days = fields.IntField(null=True)
    statutory_working = fields.BooleanField()
    yellow_on = fields.DateField(null=True)
    red_on = fields.DateField(null=True)
    due_on = fields.DateField(null=True)
    statutory_on = fields.DateField(null=True)
    corrections = fields.IntField()
    correct_until = fields.DateField(null=True)
    assigned_to = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    fee_fen = fields.IntField()
    fee_due = fields.CharField(max_length=16)  # submission, issue
    result_certificate = fields.UUIDField(null=True)
    sampled_at = fields.DatetimeField(null=True)  # for quality sampling

    class Meta:
        """Table options."""

        table = "application"
        indexes = (
            PostgreSQLIndex(fields=("citizen", "submitted_at")),
            PostgreSQLIndex(fields=("applicant", "submitted_at")),
        )


class CaseEvent(models.Model):
    """A step of a case (办件环节): what happened, who did it; never changed."""

    id = fields.UUIDField(primary_key=True)
    application = fields.UUIDField()
    version = fields.IntField()
    at = fields.DatetimeField()
    action = fields.CharField(max_length=24)
    before = fields.CharField(max_length=16, null=True)
    after = fields.CharField(max_length=16)
    actor_kind = fields.CharField(max_length=16)
    actor = fields.UUIDField(null=True)
    detail: dict = fields.JSONField()  # facts: kinds, keys of materials; never a person's data
    note_sealed = SealedField(null=True)  # what the clerk wrote to the citizen
    hall = fields.CharField(max_length=64, null=True)  # the case's; of old decisions, not all steps

    class Meta:
        """Table options."""

        table = "case_event"
        unique_together = (("application", "version"),)


class CaseNote(models.Model):
    """A word between colleagues about a case (同事会商); the citizen does not see it."""

    id = fields.UUIDField(primary_key=True)
    application = fields.UUIDField()
    at = fields.DatetimeField()
    author = fields.UUIDField()
    asked = fields.UUIDField(null=True)  # the colleague who is asked
    text_sealed = SealedField()

    class Meta:
        """Table options."""

        table = "case_note"
        indexes = (PostgreSQLIndex(fields=("application",)), PostgreSQLIndex(fields=("asked",)))
