"""What people and the platform send, one type for each kind (接收普通消息, 接收事件推送).

`reading.read_push` makes them. They are frozen `msgspec` structs: `payload_of` and `from_payload` turn
them into dictionaries of plain JSON values and back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Inbound(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every push has."""

    person: str
    """The openid this is about; for profile events the one they name, not their sender."""
    account: str = ""
    """The account's original id (``gh_…``), from which a passive reply comes."""
    dedupe_key: str
    """Equal for the platform's repeats of one push, different for any other push."""
    created: int | None = None
    """CreateTime, seconds since 1970; None where it was missing or absurd."""

    def __repr__(self) -> str:
        # What somebody wrote, and their openid, must not get into a log by way of a repr.
        return f"<{self.kind} {self.dedupe_key}>"

    @property
    def kind(self) -> str:
        """``text`` … or ``event:click`` …; for an unknown kind the platform's own word."""
        return str(type(self).__struct_config__.tag)

    @property
    def created_at(self) -> datetime | None:
        """CreateTime as local time of Shanghai."""
        return None if self.created is None else datetime.fromtimestamp(self.created, SHANGHAI)

    @property
    def is_event(self) -> bool:
        return self.kind.startswith("event:")


class Text(Inbound, frozen=True, kw_only=True, tag="text"):
    content: str
    """As it was typed, spaces included; without control characters."""
    menu_choice: str | None = None
    """``bizmsgmenuid``: the id of the message-menu entry that was tapped; None for a typed text.

    ``0`` where the platform lost the id (it keeps only decimal ones): go by ``content``.
    """


class Image(Inbound, frozen=True, kw_only=True, tag="image"):
    media_id: str
    url: str = ""


class Voice(Inbound, frozen=True, kw_only=True, tag="voice"):
    media_id: str
    format: str = ""
    media_id_16k: str = ""
    recognition: str = ""
    """The platform's own recognition; it arrives empty since 2023."""


class Video(Inbound, frozen=True, kw_only=True, tag="video"):
    media_id: str
    thumb_media_id: str = ""


class ShortVideo(Inbound, frozen=True, kw_only=True, tag="shortvideo"):
    media_id: str
    thumb_media_id: str = ""


class Location(Inbound, frozen=True, kw_only=True, tag="location"):
    latitude: float | None = None
    longitude: float | None = None
    scale: int | None = None
    label: str = ""


class Link(Inbound, frozen=True, kw_only=True, tag="link"):
    title: str = ""
    description: str = ""
    url: str = ""


class File(Inbound, frozen=True, kw_only=True, tag="file"):
    """Not documented for official accounts; the elements are those that EasyWeChat and Senparc read."""

    title: str = ""
    description: str = ""
    key: str = ""
    size: int | None = None


class UnknownMessage(Inbound, frozen=True, kw_only=True, tag="unknown"):
    name: str
    """The platform's MsgType; ``""`` where there was none."""
    fields: dict[str, str] = {}

    @property
    def kind(self) -> str:
        return self.name or "unknown"


class Subscribe(Inbound, frozen=True, kw_only=True, tag="event:subscribe"):
    scene: str | None = None
    """The scene of the QR code through which the person came, without ``qrscene_``."""
    ticket: str = ""


class Unsubscribe(Inbound, frozen=True, kw_only=True, tag="event:unsubscribe"):
    pass


class Scan(Inbound, frozen=True, kw_only=True, tag="event:scan"):
    """A follower scanned one of our QR codes."""

    scene: str
    ticket: str = ""


class LocationReport(Inbound, frozen=True, kw_only=True, tag="event:location"):
    latitude: float | None = None
    longitude: float | None = None
    precision: float | None = None


class MenuClick(Inbound, frozen=True, kw_only=True, tag="event:click"):
    key: str


class MenuView(Inbound, frozen=True, kw_only=True, tag="event:view"):
    url: str
    menu_id: str = ""


class MenuMiniProgram(Inbound, frozen=True, kw_only=True, tag="event:view_miniprogram"):
    path: str
    menu_id: str = ""


class ScanCode(Inbound, frozen=True, kw_only=True, tag="event:scancode"):
    """``scancode_push`` and ``scancode_waitmsg``; the latter waits for a passive reply."""

    key: str
    waiting: bool
    scan_type: str = ""
    result: str = ""


class Pictures(Inbound, frozen=True, kw_only=True, tag="event:pictures"):
    """``pic_sysphoto``, ``pic_photo_or_album``, ``pic_weixin``; the pictures follow as messages."""

    key: str
    source: Literal["camera", "camera_or_album", "album"]
    count: int = 0
    digests: tuple[str, ...] = ()


class LocationSelect(Inbound, frozen=True, kw_only=True, tag="event:location_select"):
    key: str
    latitude: float | None = None
    longitude: float | None = None
    scale: int | None = None
    label: str = ""
    place: str = ""


TemplateOutcome = Literal["delivered", "blocked", "limited", "failed"]


class TemplateSent(Inbound, frozen=True, kw_only=True, tag="event:templatesendjobfinish"):
    message_id: str
    outcome: TemplateOutcome
    status: str = ""


class ProfileChanged(Inbound, frozen=True, kw_only=True, tag="event:profile"):
    """授权用户资料变更. ``withdrawn`` and ``closed`` oblige us to delete what WeChat gave us."""

    change: Literal["modified", "withdrawn", "closed"]
    revoke_info: str = ""
    union_id: str = ""


class SubscriptionChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    template_id: str
    accepted: bool
    scene: str = ""


class SubscriptionPopup(Inbound, frozen=True, kw_only=True, tag="event:subscribe_msg_popup_event"):
    """The answer to the consent window of 订阅通知."""

    choices: tuple[SubscriptionChoice, ...] = ()


class SubscriptionChange(
    Inbound, frozen=True, kw_only=True, tag="event:subscribe_msg_change_event"
):
    """A consent taken back in WeChat's own settings; the platform reports only refusals."""

    choices: tuple[SubscriptionChoice, ...] = ()


class SubscriptionResult(msgspec.Struct, frozen=True, omit_defaults=True):
    template_id: str
    message_id: str = ""
    errcode: int | None = None
    status: str = ""


class SubscriptionSent(Inbound, frozen=True, kw_only=True, tag="event:subscribe_msg_sent_event"):
    results: tuple[SubscriptionResult, ...] = ()


class UnknownEvent(Inbound, frozen=True, kw_only=True, tag="event:unknown"):
    name: str
    """The platform's Event in lower case."""
    key: str = ""
    fields: dict[str, str] = {}

    @property
    def kind(self) -> str:
        return f"event:{self.name or 'unknown'}"


AnyInbound = (
    Text
    | Image
    | Voice
    | Video
    | ShortVideo
    | Location
    | Link
    | File
    | UnknownMessage
    | Subscribe
    | Unsubscribe
    | Scan
    | LocationReport
    | MenuClick
    | MenuView
    | MenuMiniProgram
    | ScanCode
    | Pictures
    | LocationSelect
    | TemplateSent
    | ProfileChanged
    | SubscriptionPopup
    | SubscriptionChange
    | SubscriptionSent
    | UnknownEvent
)


def payload_of(inbound: AnyInbound) -> dict[str, Any]:
    """``inbound`` as a dictionary of plain JSON values."""
    payload: dict[str, Any] = msgspec.to_builtins(inbound)
    return payload


def from_payload(payload: dict[str, Any]) -> AnyInbound:
    """The push that `payload_of` made ``payload`` from."""
    inbound: AnyInbound = msgspec.convert(payload, AnyInbound)
    return inbound
