"""Request and response shapes of guides."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from miniapp_api.guides.item import Item
from miniapp_api.guides.places import Coordinates, Facility, Floor
from miniapp_api.platform.http import Shape

LONGEST_QUERY = 100
MOST_CANDIDATES = 10
LONGEST_OFFSET = 1_000_000

Query = Annotated[str, Field(max_length=LONGEST_QUERY)]
Filter = Annotated[str, Field(max_length=64)]
Code = Annotated[str, Field(max_length=64)]
Limit = Annotated[int, Field(ge=1, le=100)]


class CardRow(Shape):
    """One line of a card (卡片行)."""

    label: str
    value: str


class Card(Shape):
    """A card (卡片): the facts at a glance."""

    title: str
    subtitle: str | None = None
    rows: list[CardRow] = Field(default_factory=list)
    badge: str | None = None


class QuickReply(Shape):
    """A button (快捷回复): what it shows, and what the client sends when it is pressed."""

    title: str
    payload: str


class Link(Shape):
    """A way into a page of the client (页面链接)."""

    title: str
    page: str


class AnswerSource(Shape):
    """Which item, version and date an answer rests on (回答依据)."""

    item: str
    name: str
    version: int
    effective: date | None
    catalogue: str
    verified: bool
    notice: str | None


class Answer(Shape):
    """What is said to the citizen (回答), rendered by every channel in its own way."""

    text: str
    card: Card | None = None
    quick_replies: list[QuickReply] = Field(default_factory=list)
    links: list[Link] = Field(default_factory=list)
    source: AnswerSource | None = Field(default=None, description="null when it is about no item")
    missed: bool = Field(default=False, description="true: the guides know no answer to it")


class AnswerRequest(Shape):
    """What was understood of a sentence, to be answered."""

    aspect: Annotated[str, Field(max_length=40)]
    item: Code | None = None
    candidates: list[Code] = Field(default_factory=list, max_length=MOST_CANDIDATES)
    tags: list[Filter] = Field(default_factory=list, max_length=40)
    options: dict[Filter, Filter] = Field(default_factory=dict, max_length=20)
    text: Annotated[str, Field(max_length=2000)] | None = None


class ItemsQuery(Shape):
    """Filters of the item list."""

    q: Query = ""
    theme: Filter | None = None
    life_event: Filter | None = None
    object: Filter | None = Field(default=None, description="personal or legal_person")
    department: Filter | None = None
    catalogue: Filter | None = Field(
        default=None, description="handbook is ours; default: all, ours first"
    )
    limit: Limit = 20
    offset: Annotated[int, Field(ge=0, le=LONGEST_OFFSET)] = 0


class SuggestQuery(Shape):
    """What has been typed so far."""

    q: Query = ""


class ItemBrief(Shape):
    """An item in a list (事项摘要)."""

    code: str
    name: str
    department: str | None
    themes: list[str]
    catalogue: str
    label: str | None = Field(description="the other region's name; null for Shenyang")
    bookable: bool
    online: str | None


class Items(Shape):
    """A page of items."""

    total: int
    items: list[ItemBrief]


class Suggestion(Shape):
    """One completion (联想)."""

    code: str
    name: str
    matched: str = Field(description="the name or alias that matched")
    label: str | None


class Suggestions(Shape):
    """Completions of what is being typed, best first."""

    suggestions: list[Suggestion]


class HotItemViews(Shape):
    """What citizens look at most (热门服务)."""

    items: list[ItemBrief]


class Group(Shape):
    """A theme (主题) or life event (一件事) with the number of our items."""

    id: str
    name: str
    count: int


class Themes(Shape):
    """All themes."""

    themes: list[Group]


class LifeEvents(Shape):
    """All life events."""

    life_events: list[Group]


class ItemView(Shape):
    """An item in full (事项详情)."""

    item: Item
    department_name: str | None
    catalogue: str
    label: str | None
    notice: str | None = Field(description="what of it is not confirmed, in words")
    bookable: bool
    windows: list[str]
    related: list[ItemBrief]


class OptionView(Shape):
    """An option of a circumstance (情形选项)."""

    id: str
    label: str
    chosen: bool


class CircumstanceView(Shape):
    """A circumstance (情形) with what is chosen."""

    id: str
    question: str
    assumed: bool = Field(description="nobody said so: the usual case was taken")
    options: list[OptionView]


class MaterialView(Shape):
    """A material (材料) that is needed."""

    name: str
    form: str | None
    count: int | None
    required: bool
    note: str | None
    certificate: str | None = Field(description="the electronic certificate that replaces it")


class Materials(Shape):
    """The tailored list of materials (材料清单)."""

    item: str
    name: str
    version: int
    effective: date | None
    notice: str | None
    circumstances: list[CircumstanceView]
    materials: list[MaterialView]


class BundleBrief(Shape):
    """A bundle of items in a list (一件事), and who can apply for it."""

    id: str
    name: str
    life_event: str
    lead: str = Field(description="the department that leads (牵头部门)")
    items: list[str]
    person: bool
    enterprise: bool
    notice: str | None = Field(description="what of it is not confirmed, in words")


class Bundles(Shape):
    """All bundles, or those of a life event."""

    bundles: list[BundleBrief]


class BundlesQuery(Shape):
    """Which bundles: of a life event, and by a citizen's words (生孩子, 开饭店)."""

    life_event: Filter | None = None
    q: Query = ""


class BundlePart(Shape):
    """An item of a bundle (一件事里的事项)."""

    item: ItemBrief
    question: str | None = Field(description="what decides whether it takes part; null: always")
    chosen: bool
    after: list[str] = Field(description="the items whose results it waits for")
    brings: list[str] = Field(description="the papers that it brings, so that nobody hands them in")


class BundleQuestion(Shape):
    """A circumstance (情形) of some of the items, asked once."""

    id: str
    question: str
    items: list[str]
    options: list[OptionView]


class BundleMaterial(MaterialView):
    """A material (材料), handed in once for several items."""

    items: list[str]


class BundleChecklist(Shape):
    """What a bundle needs under the answers (联办清单): each question and each paper once."""

    bundle: BundleBrief
    version: int
    parts: list[BundlePart]
    questions: list[BundleQuestion]
    materials: list[BundleMaterial]
    papers_saved: int = Field(description="how many papers need not be handed in again")


class HallInfo(Shape):
    """A hall (政务服务大厅); coordinates are GCJ-02, None until somebody confirmed them."""

    id: str
    name: str
    address: str
    coordinates: Coordinates | None
    transport: str | None
    phone: str
    hours: str
    hours_note: str | None
    floors: list[Floor]
    facilities: list[Facility]
    windows: int
    departments: int
    notice: str | None


class HallInfos(Shape):
    """All halls."""

    halls: list[HallInfo]


class AnnouncementsQuery(Shape):
    """Which notices: those of a hall (and of all halls), those about an item."""

    hall: Filter | None = None
    item: Filter | None = None


class AnnouncementItem(Shape):
    """An item that a notice is about (有关事项)."""

    code: str
    name: str


class AnnouncementView(Shape):
    """A public notice (通知公告)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str
    title: str
    text: str
    starts: date = Field(alias="from")
    ends: date | None = Field(alias="until", description="the last day; null: until withdrawn")
    hall: str | None = Field(description="null: it concerns every hall")
    hall_name: str | None
    items: list[AnnouncementItem]
    important: bool
    version: int
    notice: str | None = Field(description="what of it is not confirmed, in words")


class Announcements(Shape):
    """The notices of today, newest first."""

    notices: list[AnnouncementView]
