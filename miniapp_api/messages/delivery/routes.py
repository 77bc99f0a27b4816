"""HTTP in and out of subscriptions and preferences."""

from __future__ import annotations

from sanic import Request

from miniapp_api.messages.delivery.preferences import PreferenceService
from miniapp_api.messages.delivery.schemas import Accepted, Counted, Offers, Preferences
from miniapp_api.messages.delivery.subscriptions import Subscriptions
from miniapp_api.messages.routes import citizen_of, room
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused


def _subscriptions(request: Request) -> Subscriptions:
    service: Subscriptions = request.app.ctx.subscriptions
    return service


def _preferences(request: Request) -> PreferenceService:
    service: PreferenceService = request.app.ctx.preferences
    return service


@endpoint(
    room,
    "GET",
    "/subscriptions",
    auth=Auth.CITIZEN,
    summary="Which subscribe messages to ask me for",
    returns=Offers,
)
async def offers(request: Request, principal: Principal) -> Offers:
    """Say what to ask for on each occasion (订阅消息)."""
    return await _subscriptions(request).offers(citizen_of(principal))


@endpoint(
    room,
    "POST",
    "/subscriptions",
    auth=Auth.CITIZEN,
    summary="What I answered in WeChat's dialog",
    body=Accepted,
    returns=Counted,
    errors=(KeyReused,),
    idempotency="required",
)
async def answered(request: Request, principal: Principal, body: Accepted, key: str) -> Counted:
    """Count what was accepted (订阅消息授权)."""
    return await _subscriptions(request).answered(citizen_of(principal), body, key)


@endpoint(
    room,
    "GET",
    "/preferences",
    auth=Auth.CITIZEN,
    summary="How I want to be told",
    returns=Preferences,
)
async def preferences(request: Request, principal: Principal) -> Preferences:
    """Show the reminder settings (提醒设置)."""
    return await _preferences(request).of(citizen_of(principal))


@endpoint(
    room,
    "PUT",
    "/preferences",
    auth=Auth.CITIZEN,
    summary="Choose how I want to be told",
    body=Preferences,
    returns=Preferences,
)
async def choose(request: Request, principal: Principal, body: Preferences) -> Preferences:
    """Choose the reminder settings (短信提醒开关)."""
    return await _preferences(request).choose(citizen_of(principal), body)
