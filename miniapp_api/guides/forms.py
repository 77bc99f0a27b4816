"""Forms of online applications (网办表单), as the hall's editors write them in forms.yaml.

A field is a piece of JSON Schema with the words and the widget it is shown with. A block is a group
of fields. Which blocks an item has is said once for those who apply, once per theme, and per item.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import Field, StrictBool, model_validator

from miniapp_api.guides.item import Id, Item, Model, Name, OwnCode, Text

Widget = Literal[
    "text", "textarea", "choice", "date", "number", "phone", "id_number", "credit_code", "address"
]
Source = Literal[
    "person.name", "person.id_number", "person.phone", "person.address",
    "enterprise.name", "enterprise.credit_code", "enterprise.legal_representative",
]  # fmt: skip
FieldId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class FormField(Model):
    """One thing to fill in (表单项): how it is asked, and what is accepted."""

    title: Name = Field(description="表单项名称")
    widget: Widget = Field(description="怎么填")
    accepts: dict[str, Any] = Field(description="JSON Schema:接受什么")
    choices: dict[Id, Name] | None = Field(None, description="选项,choice 才有")
    hint: Text | None = Field(None, description="填写提示")
    source: Source | None = Field(None, description="可以从哪里预填")

    @model_validator(mode="after")
    def _is_schema(self) -> FormField:
        try:
            Draft202012Validator.check_schema(self.accepts)
        except SchemaError:
            raise ValueError("accepts 不是 JSON Schema") from None
        if (self.widget == "choice") != (self.choices is not None):
            raise ValueError("choice 要有 choices,其他的不要有")
        return self


class FormBlock(Model):
    """A group of fields (表单分组)."""

    title: Name = Field(description="分组名称")
    fields: tuple[FieldId, ...] = Field(min_length=1, description="有哪些表单项")
    optional: tuple[FieldId, ...] = Field((), description="其中可以不填的")
    when: dict[str, tuple[str, ...]] | None = Field(None, description="只在这些情形选项下要填")


class ItemForm(Model):
    """What one item asks beyond its theme (事项的表单)."""

    blocks: tuple[Id, ...] = Field(description="加哪些分组")
    replace: StrictBool = Field(False, description="true = 不要主题的分组,只要这些")
    when: dict[Id, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict, description="哪个分组只在哪些情形选项下要填"
    )


class FormBook(Model):
    """forms.yaml: every field and block, and which item has which."""

    fields: dict[FieldId, FormField] = Field(description="所有表单项")
    blocks: dict[Id, FormBlock] = Field(description="所有分组")
    person: tuple[Id, ...] = Field(description="个人申请时先填的分组")
    enterprise: tuple[Id, ...] = Field(description="企业申请时先填的分组")
    themes: dict[Id, tuple[Id, ...]] = Field(description="主题 → 分组")
    items: dict[OwnCode, ItemForm] = Field(description="事项 → 分组")

    def blocks_of(
        self, item: Item, kind: Literal["person", "enterprise"]
    ) -> Iterator[tuple[str, FormBlock]]:
        """Return an item's blocks by id, in the order they are filled in."""
        own = self.items.get(item.code) or ItemForm(blocks=(), replace=False)
        theme = () if own.replace or not item.themes else self.themes.get(item.themes[0], ())
        applicant = self.person if kind == "person" else self.enterprise
        for id in dict.fromkeys((*applicant, *theme, *own.blocks)):
            block, when = self.blocks[id], own.when.get(id)
            yield id, block.model_copy(update={"when": when}) if when else block


EMPTY = FormBook(fields={}, blocks={}, person=(), enterprise=(), themes={}, items={})
