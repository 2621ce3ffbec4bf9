"""Everything the emulated platform remembers.

Each kind of thing is one tagged struct; the journal holds their newest states in the order in which
they came about. Times are seconds since 1970 on the platform's (possibly shifted) clock.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

WindowKind = Literal["message", "click", "follow", "scan"]
Channel = Literal["phone", "passive", "custom", "template", "subscribe", "menu", "note"]
Outcome = Literal["pending", "answered", "failed"]
AttemptOutcome = Literal["reply", "accepted", "junk", "status", "timeout", "connection", "lost"]
TemplateKind = Literal["template", "once", "always"]
TokenPool = Literal["token", "stable"]
FaultKind = Literal[
    # on calls of the bot
    "errcode",
    "html",
    "status",
    "delay",
    "drop_before",
    "drop_after",
    # on pushes to the bot
    "duplicate",
    "reorder",
    "push_delay",
    "lose_answer",
    "job_failure",
]


class Entity(Struct, tag_field="is", omit_defaults=True):
    """What the journal can hold; `is` says which kind."""


class Window(Struct):
    """Customer-service messages the account may still send, because of something a person did."""

    kind: WindowKind
    left: int
    until: float


class Person(Entity, tag="person"):
    openid: str
    name: str
    unionid: str = ""
    following: bool = False
    followed_at: float = 0.0
    """The last time this person followed; 0 means never."""
    scene: str = ""
    """The scene of the code through which this person came."""
    accepts: bool = True
    """接收消息 in the account's settings on the phone; off means 48002."""
    virtual: bool = False
    """Opens pages as a 快照页 virtual user."""
    windows: list[Window] = field(default_factory=list)
    once: dict[str, int] = field(default_factory=dict)
    """Subscription template → one-time consents not yet used."""
    always: list[str] = field(default_factory=list)
    """Subscription templates with a long-term consent."""
    spoke_at: float = 0.0
    typing_until: float = 0.0
    received: dict[str, int] = field(default_factory=dict)
    """Channel → messages ever received; goes on counting when the history is full."""


class PhoneMessage(Entity, tag="message"):
    """One line on a phone's screen."""

    seq: int
    openid: str
    at: float
    side: Literal["person", "account", "note"]
    channel: Channel
    type: str
    content: dict[str, Any] = field(default_factory=dict)
    push: int = 0
    """The push this belongs to: sent with it, or shown because of its answer."""
    ai: bool = False
    kf_account: str = ""

    @property
    def from_account(self) -> bool:
        """What the bot is to blame for: its messages, and the note that it failed."""
        return self.side == "account" or self.type == "failure"

    @property
    def text(self) -> str:
        """The words a person reads in it, whatever its type."""
        return "\n".join(_words(self.content))


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [word for item in value.values() for word in _words(item)]
    if isinstance(value, list):
        return [word for item in value for word in _words(item)]
    return []


class Attempt(Struct, omit_defaults=True):
    at: float
    milliseconds: int
    outcome: AttemptOutcome
    status: int = 0
    detail: str = ""


class Push(Entity, tag="push"):
    """Something the platform tells the callback, with every attempt to do so."""

    id: int
    openid: str
    made_at: float
    fields: dict[str, Any]
    answerable: bool = False
    """Whether the person sees what the bot answers, or a failure note when it does not."""
    outcome: Outcome = "pending"
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def kind(self) -> str:
        event = self.fields.get("Event")
        return f"{self.fields.get('MsgType', '')}{f'/{event}' if event else ''}"


class AccessToken(Entity, tag="token"):
    value: str
    pool: TokenPool
    made_at: float
    expires_at: float
    replaced_until: float = 0.0
    """Set when a newer one was given out: until then both are good."""


class WebCode(Entity, tag="code"):
    value: str
    openid: str
    scope: str
    made_at: float
    used: bool = False


class WebToken(Entity, tag="web_token"):
    value: str
    refresh: str
    openid: str
    scope: str
    expires_at: float
    refresh_until: float


class Media(Entity, tag="media"):
    id: str
    type: str
    mime: str
    size: int
    made_at: float
    filename: str = ""


class TemplateField(Struct):
    key: str
    """As the platform names it: kind and number, such as `thing1`."""
    label: str


class Template(Entity, tag="template"):
    id: str
    title: str
    kind: TemplateKind
    fields: list[TemplateField]


class Menu(Entity, tag="menu"):
    buttons: list[dict[str, Any]]


class QrCode(Entity, tag="qr"):
    ticket: str
    scene: str
    numeric: bool
    url: str
    expires_at: float = 0.0
    """0 means permanent."""


class SentOnce(Entity, tag="sent"):
    """A `client_msg_id` that was used, and the message it led to."""

    key: str
    msgid: int
    at: float


class Counter(Entity, tag="count"):
    """How often something was done in a day, month or minute; `key` holds what and when."""

    key: str
    value: int


class Offset(Entity, tag="offset"):
    """How far the platform's clock is ahead of the real one.

    It moves tokens, quotas, media and consents. What is told to the callback (timestamp,
    CreateTime) stays real unless `in_pushes`, because the bot's own clock does not move along.
    """

    seconds: float = 0.0
    in_pushes: bool = False


class Fault(Entity, tag="fault"):
    """Something that goes wrong the next `times` times.

    `path` is the call's path, `*` for any; faults of pushes ignore it. `openid` limits the fault
    to one person.
    """

    id: int
    kind: FaultKind
    times: int = 1
    path: str = "*"
    openid: str = ""
    errcode: int = -1
    errmsg: str = ""
    status: int = 502
    seconds: float = 0.0


class Gone(Entity, tag="gone"):
    """Something was removed."""

    table: Literal["menu", "fault", "sent", "count", "media", "code", "token"]
    key: str


class ApiCall(Struct, omit_defaults=True):
    """One call of the bot; shown to the developer, not kept over a restart."""

    id: int
    at: float
    method: str
    path: str
    errcode: int
    milliseconds: float
    rid: str = ""
    openid: str = ""
    fault: str = ""
    errmsg: str = ""


Record = (
    Person
    | PhoneMessage
    | Push
    | AccessToken
    | WebCode
    | WebToken
    | Media
    | Template
    | Menu
    | QrCode
    | SentOnce
    | Counter
    | Offset
    | Fault
    | Gone
)
