"""What the control API and its client say to each other, besides the things in `model`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from bot.emulator.model import FaultKind, PhoneMessage, Push, WindowKind
from bot.emulator.settings import Mode


class NewPerson(Struct):
    name: str
    openid: str = ""
    unionid: str = ""
    following: bool = False
    """Follows already, without the callback having been told."""


class NewPeople(Struct):
    """Many followers at once, named `prefix` and a number; each with this window open."""

    count: int
    prefix: str = "测试"
    window: WindowKind | None = None


class Switches(Struct):
    accepts: bool | None = None
    virtual: bool | None = None


class WindowShape(Struct):
    kind: WindowKind
    left: int
    seconds: float
    """From now until it closes."""


class Shown(Struct):
    """A finished (or, without waiting, begun) push and what it put on the phone."""

    push: Push
    shown: list[PhoneMessage]


class Delivered(Struct):
    """Channel → messages all phones ever received."""

    counts: dict[str, int]
    last_seq: int


class NewFault(Struct):
    """See `model.Fault`."""

    kind: FaultKind
    times: int = 1
    path: str = "*"
    openid: str = ""
    errcode: int = -1
    errmsg: str = ""
    status: int = 502
    seconds: float = 0.0


class CallbackChange(Struct):
    """What is None stays."""

    url: str | None = None
    mode: Mode | None = None
    token: str | None = None
    aes_key: str | None = None


class Verified(Struct):
    ok: bool
    detail: str


class State(Struct):
    people: int
    pushes_under_way: int
    delivered: dict[str, int]
    offset_seconds: float
    mode: str
    callback_url: str


class EndTokens(Struct):
    how: Literal["expired", "replaced"] = "replaced"


# -- what a person can do --------------------------------------------------------------------------


class Say(Struct, tag="say"):
    text: str


class TapItem(Struct, tag="tap_item"):
    """Tap an item of the message menu that is line `seq` of the phone."""

    seq: int
    item_id: str


class TapMenu(Struct, tag="tap_menu"):
    path: list[int]
    value: str = ""


class SendMedia(Struct, tag="media"):
    kind: Literal["image", "voice", "video", "shortvideo"]
    content: bytes
    mime: str = "application/octet-stream"
    filename: str = ""


class SendLocation(Struct, tag="location"):
    latitude: float
    longitude: float
    label: str


class SendLink(Struct, tag="link"):
    title: str
    description: str
    url: str


class ReportLocation(Struct, tag="report_location"):
    latitude: float
    longitude: float


class Follow(Struct, tag="follow"):
    ticket: str = ""


class Unfollow(Struct, tag="unfollow"):
    pass


class AnswerConsent(Struct, tag="consent"):
    template_id: str
    answer: Literal["accept", "reject", "revoke"]


class ChangeProfile(Struct, tag="profile"):
    event: Literal[
        "user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"
    ]


class PushRaw(Struct, tag="raw"):
    """Any fields, as they are; common fields are added where missing."""

    fields: dict[str, Any] = field(default_factory=dict)


Action = (
    Say
    | TapItem
    | TapMenu
    | SendMedia
    | SendLocation
    | SendLink
    | ReportLocation
    | Follow
    | Unfollow
    | AnswerConsent
    | ChangeProfile
    | PushRaw
)
