"""Who is asking, and the rule that every route must state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from hmac import compare_digest
from typing import Protocol
from uuid import UUID

from sanic import Request

from miniapp_api.platform.errors import Forbidden, LoginRequired, Refusal, SessionExpired

CONVERSATION_HEADER = "X-Conversation"
STAFF_PREFIX = "staff_"  # of a staff token: it is looked up elsewhere than a citizen's


class Auth(Enum):
    """Who may call a route."""

    PUBLIC = "public"  # anyone; tokens are not looked at
    OPTIONAL = "optional"  # anyone; a token, if sent, must be valid
    CITIZEN = "citizen"  # a logged-in citizen, or the bot on behalf of one
    SERVICE = "service"  # our own bot only
    STAFF = "staff"  # a member of the hall's staff; the route names the roles


@dataclass(frozen=True)
class StaffMember:
    """A member of a hall's staff (工作人员), or a device of the hall."""

    id: UUID
    hall: str
    roles: frozenset[str]
    departments: frozenset[str] = frozenset()  # whose cases he may handle
    second_factor: bool = False  # whether he proved it when he logged in
    skills: frozenset[str] = frozenset()  # themes of items that come to him; none means every one
    windows: frozenset[str] = frozenset()  # that he may open; none means every one
    first_password: bool = False  # he was given his password and has not chosen his own


@dataclass(frozen=True)
class Principal:
    """The caller of a request."""

    citizen: UUID | None = None
    service: bool = False
    conversation: str | None = None
    token: str | None = None
    staff: StaffMember | None = None


ANONYMOUS = Principal()


class SecondFactorRequired(Refusal):
    """The route shows citizens' papers: a password alone does not open it."""

    status, code, title = 403, "second_factor_required", "请先绑定动态口令，再用它登录"


class PasswordChangeRequired(Refusal):
    """Somebody else knows the password: before anything else its owner chooses his own."""

    status, code, title = 403, "password_change_required", "请先把初始密码改成自己的密码"


class Sessions(Protocol):
    """Knows whose a session token is, and who stands behind a conversation."""

    async def citizen_of_token(self, token: str) -> UUID | None:
        """Return the citizen of a live session, or None."""

    async def citizen_of_conversation(self, conversation: str) -> UUID | None:
        """Return the citizen logged in in a conversation, or None."""


class StaffSessions(Protocol):
    """Knows whose a staff token is."""

    async def member_of_token(self, token: str) -> StaffMember | None:
        """Return the member of a live staff session, or None."""


class Authenticator:
    """Turns a request's headers into a Principal under a route's rule."""

    def __init__(self, sessions: Sessions, staff: StaffSessions, service_token: str) -> None:
        self._sessions = sessions
        self._staff = staff
        self._service_token = service_token.encode()

    async def authenticate(
        self,
        request: Request,
        rule: Auth,
        roles: frozenset[str] = frozenset(),
        *,
        second_factor: bool = False,
        first_password: bool = False,
    ) -> Principal:
        """Return the caller, or raise LoginRequired, SessionExpired or Forbidden.

        roles: of which a member of staff needs one, when the rule is STAFF; see `admit` for what
        else it takes.
        """
        if rule is Auth.PUBLIC:
            return ANONYMOUS
        principal = await self._identify(request)
        if rule is Auth.SERVICE and not principal.service:
            raise Forbidden()
        if rule is Auth.CITIZEN and principal.citizen is None:
            raise LoginRequired()
        if rule is Auth.STAFF:
            admit(principal, roles, second_factor=second_factor, first_password=first_password)
        return principal

    async def _identify(self, request: Request) -> Principal:
        token = bearer(request)
        if token is None:
            return ANONYMOUS
        if compare_digest(token.encode(), self._service_token):
            conversation = request.headers.get(CONVERSATION_HEADER)
            citizen = (
                await self._sessions.citizen_of_conversation(conversation) if conversation else None
            )
            return Principal(citizen=citizen, service=True, conversation=conversation)
        if token.startswith(STAFF_PREFIX):
            member = await self._staff.member_of_token(token)
            if member is None:
                raise SessionExpired()
            return Principal(staff=member, token=token)
        citizen = await self._sessions.citizen_of_token(token)
        if citizen is None:
            raise SessionExpired()
        return Principal(citizen=citizen, token=token)


def admit(
    principal: Principal, roles: frozenset[str], *, second_factor: bool, first_password: bool
) -> None:
    """Raise LoginRequired for nobody, Forbidden for who has none of the roles.

    With `second_factor` he must have logged in with it, or SecondFactorRequired is raised; who
    still has his first password (初始密码) is let in with `first_password` only.
    """
    member = principal.staff
    if member is None and principal.citizen is None and not principal.service:
        raise LoginRequired("请先用工作人员账号登录")
    if member is None or not (member.roles & roles):
        raise Forbidden()
    if member.first_password and not first_password:
        raise PasswordChangeRequired()
    if second_factor and not member.second_factor:
        raise SecondFactorRequired()


def staff_of(principal: Principal, hall: str | None = None) -> StaffMember:
    """Return the member of staff who asks; raise Forbidden for one of another hall."""
    if principal.staff is None or (hall is not None and principal.staff.hall != hall):
        raise Forbidden()
    return principal.staff


def bearer(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer …`, or None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
