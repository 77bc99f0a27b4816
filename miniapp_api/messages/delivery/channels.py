"""The two ways out of the inbox: WeChat's subscribe messages (订阅消息) and SMS (短信)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from miniapp_api.identity.sms import SmsGateway, SmsUnavailable
from miniapp_api.messages.delivery import fields, store
from miniapp_api.messages.delivery.rules import Outcome, quiet_until
from miniapp_api.messages.delivery.store import Delivery
from miniapp_api.messages.settings import Messages as MessageSettings
from miniapp_api.messages.settings import Template
from miniapp_api.messages.texts import compose, compose_sms, facts_of
from miniapp_api.platform.logs import log
from miniapp_api.platform.wechat.api import WeChatApi
from miniapp_api.platform.wechat.errors import (
    REFUSED_BY_USER,
    TOKEN_SPENT,
    WRONG_FIELD,
    WeChatDown,
    WeChatError,
    WeChatRefused,
)

BAD_FIELD = re.compile(r"data\.([a-z_]+\d*)\.value")

# Returns what a citizen is reached by, an openid or a phone; None when he has none.
Finder = Callable[[UUID], Awaitable[str | None]]


class Sender(Protocol):
    """Sends a delivery that was claimed, and says what became of it."""

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Try once; whatever the outside system does is an outcome, never an exception."""


class SubscribeSender:
    """Sends a subscribe message, when one is left that the citizen accepted."""

    def __init__(self, api: WeChatApi, openid: Finder, settings: MessageSettings) -> None:
        self._api = api
        self._openid = openid
        self._settings = settings

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Use a subscription up before the message goes out; give it back when it did not."""
        template = self._settings.template_of(delivery.kind)
        if template is None:
            return Outcome("skipped", "no_template", tried=False)
        openid = await self._openid(delivery.citizen)
        if openid is None:
            return Outcome("skipped", "no_wechat", tried=False)
        said = compose(delivery.kind, delivery.about)
        try:
            facts = facts_of(delivery.about) | {"title": said.title}
            data = fields.fill(template.fields, facts)
        except (KeyError, fields.FieldEmpty) as error:
            log.error("template_unfilled", kind=delivery.kind, missing=str(error))
            return Outcome("failed", "template", tried=False)
        if not await store.use(delivery.citizen, template.id, template.cost, now):
            return Outcome("skipped", "no_subscription", tried=False)
        state = self._settings.mini_program
        try:
            receipt = await self._api.subscribe(openid, template.id, said.page, data, state)
        except WeChatError as error:
            return await self._failed(delivery, template, error, now)
        return Outcome("sent", receipt=receipt)

    async def _failed(
        self, delivery: Delivery, template: Template, error: WeChatError, now: datetime
    ) -> Outcome:
        """Return what an error means; the subscription is spent only where WeChat has spent it."""
        if isinstance(error, WeChatDown) and error.maybe_done:
            return Outcome("unknown", "timeout")
        if isinstance(error, WeChatRefused) and error.code == REFUSED_BY_USER:
            await store.void(delivery.citizen, template.id, now)
            return Outcome("refused", str(error.code))
        await store.give_back(delivery.citizen, template.id, template.cost, now)
        if not isinstance(error, WeChatRefused):
            return Outcome("waiting", "down")
        if error.busy or error.code in TOKEN_SPENT:
            return Outcome("waiting", str(error.code))
        bad = BAD_FIELD.search(error.message) if error.code == WRONG_FIELD else None
        log.error(
            "subscribe_message_failed",
            kind=delivery.kind,
            errcode=error.code,
            field=bad[1] if bad else None,
        )
        return Outcome("failed", str(error.code))


class SmsSender:
    """Sends an SMS to whoever wants one, outside the quiet hours (免打扰时段)."""

    def __init__(self, gateway: SmsGateway, phone: Finder, settings: MessageSettings) -> None:
        self._gateway = gateway
        self._phone = phone
        self._settings = settings

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Send it, or wait until the morning; the number is read only when it is needed."""
        ours = self._settings
        if not ours.outgoing[delivery.kind].any_hour:
            morning = quiet_until(now, ours.quiet_from, ours.quiet_until)
            if morning is not None:
                return Outcome("waiting", "quiet", due=morning, tried=False)
        if not await store.wants_sms(delivery.citizen):
            return Outcome("skipped", "switched_off", tried=False)
        phone = await self._phone(delivery.citizen)
        if phone is None:
            return Outcome("skipped", "no_phone", tried=False)
        text = compose_sms(delivery.kind, delivery.about)
        try:
            await self._gateway.send(phone, delivery.kind, {"text": text})
        except SmsUnavailable as error:
            return _sms_failed(error)
        return Outcome("sent")


def _sms_failed(error: SmsUnavailable) -> Outcome:
    if error.maybe_taken:
        return Outcome("unknown", "timeout")
    return Outcome("failed", "refused") if error.refused else Outcome("waiting", "down")
