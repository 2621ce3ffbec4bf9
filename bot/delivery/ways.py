"""The way a message travels: customer service while the window is open, then a subscription
notice by consent, then a template where the account has one; else none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import consents, windows
from bot.delivery.models import Contact, NoticeTemplate, OutboxMessage
from bot.wechat.failures import UnsafeContent
from bot.wechat.fields import fit

log = structlog.get_logger()


class Channel(Protocol):
    """The platform, as sending uses it: `bot.wechat.client.PlatformClient`."""

    def send_text(self, openid: str, text: str) -> None: ...
    def send_menu(
        self, openid: str, *, head: str, choices: Sequence[tuple[int, str]], tail: str = ""
    ) -> None: ...


class NoticeChannel(Channel, Protocol):
    """What notices need beyond customer service."""

    def send_subscription(self, openid: str, template_id: str, data: Mapping[str, str]) -> None: ...
    def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], *, client_msg_id: str
    ) -> str: ...


@dataclass(frozen=True)
class Way:
    """How one message goes. ``window`` is set for customer service, the others for notices."""

    channel: str
    window: windows.Window | None = None
    template_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


def choose(
    session: Session,
    contact: Contact,
    message: OutboxMessage,
    *,
    notice: Mapping[str, str],
    tried: Set[str],
    now: datetime,
) -> Way | None:
    """The best way that is open now, counted as used; None where none is.

    ``notice`` is what a template may say of it (``what``, ``when``), discreetly; empty where the
    message cannot be a notice. ``tried`` are channels that the platform refused for this message.
    """
    window = windows.use_one(contact, now=now)
    if window is not None:
        return Way("customer_service", window)
    if not notice:
        return None
    for template in session.scalars(
        select(NoticeTemplate)
        .where(NoticeTemplate.purpose == message.purpose, NoticeTemplate.channel.not_in(tried))
        .order_by(NoticeTemplate.channel, NoticeTemplate.template_id)
    ):
        data = _fitted(template.fields, notice)
        if data is None:
            continue
        if template.channel == "template" or consents.use_one(
            session,
            contact_id=contact.id,
            template=template,
            source_key=f"outbox:{message.id}",
            now=now,
        ):
            return Way(template.channel, None, template.template_id, data)
    return None


def send(channel: Channel, openid: str, message_id: int, body: Mapping[str, Any], way: Way) -> None:
    """One call to the platform; raises what `bot.wechat.client.PlatformClient` raises."""
    if way.channel == "subscription":
        _notices(channel).send_subscription(openid, way.template_id, way.data)
    elif way.channel == "template":
        _notices(channel).send_template(
            openid, way.template_id, way.data, client_msg_id=f"jingkang-{message_id}"
        )
    elif choices := body.get("choices"):
        channel.send_menu(
            openid,
            head=body["text"],
            choices=[(int(choice["id"]), choice["text"]) for choice in choices],
            tail=body.get("tail", ""),
        )
    else:
        channel.send_text(openid, body["text"])


def _notices(channel: Channel) -> NoticeChannel:
    return channel  # type: ignore[return-value]


def _fitted(fields: Mapping[str, str], notice: Mapping[str, str]) -> dict[str, str] | None:
    """The fields within their limits; None where one cannot be made to fit."""
    try:
        return {name: fit(name, notice.get(shows, shows)) for name, shows in fields.items()}
    except UnsafeContent as unsafe:
        log.warning("notice_does_not_fit", problem=str(unsafe))
        return None
