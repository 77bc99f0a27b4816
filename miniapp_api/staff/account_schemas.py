"""Request and response shapes of accounts, as administrators see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.platform.http import Shape
from miniapp_api.staff.rules import ROLES, Role

MOST_WINDOWS, MOST_CODES = 500, 100
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Words = Annotated[str, Field(pattern=r"^[^\x00-\x1f]*$")]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
State = Literal["active", "disabled"]
# none: not given out yet; first: to be changed; lapsed: was not changed in time; own: his own
Password = Literal["none", "first", "lapsed", "own"]


class AccountsQuery(Shape):
    """Accounts whose login or name has these words, after a login."""

    q: Annotated[Words, Field(max_length=40)] = ""
    role: Role | None = None
    state: State | None = None
    after: Annotated[Words, Field(max_length=40)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Work(Shape):
    """What somebody may do (角色、部门、事项、窗口); no skill or no window means every one."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=len(ROLES))]
    departments: Annotated[list[Code], Field(max_length=MOST_CODES, default_factory=list)]
    skills: Annotated[list[Code], Field(max_length=MOST_CODES, default_factory=list)]
    windows: Annotated[list[Code], Field(max_length=MOST_WINDOWS, default_factory=list)]


class NewAccount(Work):
    """A new account (新增账号); a first password is given to it after."""

    login: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[Words, Field(min_length=1, max_length=40)]


class AccountChange(Work):
    """What an account is from now on; `version` is that of the account as it was seen."""

    version: Version
    name: Annotated[Words, Field(min_length=1, max_length=40)]


class AtVersion(Shape):
    """The version of the account as it was seen."""

    version: Version


class AccountView(Shape):
    """An account (工作人员账号)."""

    id: UUID
    login: str
    name: str
    hall: str
    roles: list[str]
    departments: list[str]
    skills: list[str]
    windows: list[str]
    state: State
    disabled_at: datetime | None
    created_at: datetime
    second_factor: bool
    password: Password
    version: int


class AccountList(Shape):
    """Accounts by login; `total` counts them all, `next` is where the next page begins."""

    accounts: list[AccountView]
    total: int
    next: str | None


class SessionView(Shape):
    """A live session (登录会话)."""

    created_at: datetime
    expires_at: datetime
    second_factor: bool


class AccountDetail(AccountView):
    """An account with its live sessions, the newest first."""

    sessions: list[SessionView]


class FirstPassword(Shape):
    """A first password (初始密码), shown this once; its owner changes it at his first log-in."""

    account: AccountView
    password: str
    until: datetime
