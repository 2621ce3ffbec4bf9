"""From a decrypted push, XML or JSON, to its `inbound` type.

Tolerant: optional elements may be missing, repeated or nonsense, unknown kinds are kept, huge values
are cut. Only a push without a readable sender is refused.

wechatpy's parser is not used here: it raises KeyError, TypeError, AttributeError or ValueError for
these cases, cannot read a control character, loses a text of spaces, and knows neither
``bizmsgmenuid`` nor the events of 订阅通知.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Literal

from bot.wechat import inbound
from bot.wechat.markup import Fields, Unreadable, read

MAX_CONTENT = 20_000
"""Characters of a text that are kept; people can send some 2,000."""

_MAX_OPENID = 128
_MAX_UNKNOWN_FIELDS = 50
_LATEST = 4_102_444_800  # 2100: a later CreateTime is garbage
_QR_PREFIX = "qrscene_"

Head = dict[str, Any]


def read_push(message: bytes) -> inbound.AnyInbound:
    """Read one decrypted push. Raises `Unreadable` where it is no push or names no sender."""
    _, fields = read(message)
    person = fields.text("FromUserName", _MAX_OPENID + 1)
    if not person or len(person) > _MAX_OPENID:
        raise Unreadable("no readable FromUserName")
    created = fields.integer("CreateTime")
    head: Head = {
        "person": person,
        "account": fields.text("ToUserName", _MAX_OPENID),
        "created": created if created is not None and 0 < created < _LATEST else None,
        "dedupe_key": _dedupe_key(fields, person),
    }
    msg_type = fields.text("MsgType", 64).lower()
    event = fields.text("Event", 64).lower()
    if msg_type == "event" or (not msg_type and event):
        make = _EVENTS.get(event)
        if make is None:
            key = fields.text("EventKey")
            return inbound.UnknownEvent(name=event, key=key, fields=_flat(fields), **head)
        return make(fields, head)
    make = _MESSAGES.get(msg_type)
    if make is None:
        return inbound.UnknownMessage(name=msg_type, fields=_flat(fields), **head)
    return make(fields, head)


def _dedupe_key(fields: Fields, person: str) -> str:
    """MsgId, or sender, time, event and key, as the platform recommends.

    Where the recommended fields are missing or unusable the content itself stands in for them, so
    that two messages of one second are still two. Hashed, because an openid is personal.
    """
    message_id = fields.text("MsgId")
    if message_id.isascii() and message_id.isdigit() and len(message_id) <= 20:
        return f"msg:{message_id}"
    event = fields.text("Event").lower()
    telling: Any = fields.text("EventKey") if event else ""
    if not telling:
        telling = list(fields.flat())
    parts = [person, fields.text("CreateTime"), event, telling]
    digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
    return f"{'event' if event else 'msg'}:{digest[:40]}"


def _flat(fields: Fields) -> dict[str, str]:
    """What an unknown push held, for whoever looks into it later."""
    kept: dict[str, str] = {}
    for path, value in fields.flat():
        if len(kept) == _MAX_UNKNOWN_FIELDS:
            break
        kept.setdefault(path[:200], value[:2_048])
    return kept


def _degrees(fields: Fields, name: str, most: float) -> float | None:
    value = fields.number(name)
    return value if value is not None and -most <= value <= most else None


def _text(fields: Fields, head: Head) -> inbound.Text:
    choice = fields.text("bizmsgmenuid") or None
    return inbound.Text(content=fields.raw("Content")[:MAX_CONTENT], menu_choice=choice, **head)


def _image(fields: Fields, head: Head) -> inbound.Image:
    return inbound.Image(media_id=fields.text("MediaId"), url=fields.text("PicUrl"), **head)


def _voice(fields: Fields, head: Head) -> inbound.Voice:
    return inbound.Voice(
        media_id=fields.text("MediaId"),
        format=fields.text("Format"),
        media_id_16k=fields.text("MediaId16K"),
        recognition=fields.text("Recognition"),
        **head,
    )


def _video(fields: Fields, head: Head) -> inbound.Video:
    thumb = fields.text("ThumbMediaId")
    return inbound.Video(media_id=fields.text("MediaId"), thumb_media_id=thumb, **head)


def _short_video(fields: Fields, head: Head) -> inbound.ShortVideo:
    thumb = fields.text("ThumbMediaId")
    return inbound.ShortVideo(media_id=fields.text("MediaId"), thumb_media_id=thumb, **head)


def _location(fields: Fields, head: Head) -> inbound.Location:
    return inbound.Location(
        latitude=_degrees(fields, "Location_X", 90),
        longitude=_degrees(fields, "Location_Y", 180),
        scale=fields.integer("Scale"),
        label=fields.text("Label"),
        **head,
    )


def _link(fields: Fields, head: Head) -> inbound.Link:
    return inbound.Link(
        title=fields.text("Title"),
        description=fields.text("Description"),
        url=fields.text("Url"),
        **head,
    )


def _file(fields: Fields, head: Head) -> inbound.File:
    return inbound.File(
        title=fields.text("Title"),
        description=fields.text("Description"),
        key=fields.text("FileKey"),
        size=fields.integer("FileTotalLen"),
        **head,
    )


def _subscribe(fields: Fields, head: Head) -> inbound.Subscribe:
    key = fields.text("EventKey")
    scene = key.removeprefix(_QR_PREFIX) if key.startswith(_QR_PREFIX) else None
    return inbound.Subscribe(scene=scene, ticket=fields.text("Ticket"), **head)


def _scan(fields: Fields, head: Head) -> inbound.Scan:
    return inbound.Scan(scene=fields.text("EventKey"), ticket=fields.text("Ticket"), **head)


def _location_report(fields: Fields, head: Head) -> inbound.LocationReport:
    return inbound.LocationReport(
        latitude=_degrees(fields, "Latitude", 90),
        longitude=_degrees(fields, "Longitude", 180),
        precision=fields.number("Precision"),
        **head,
    )


def _scan_code(waiting: bool) -> Callable[[Fields, Head], inbound.ScanCode]:
    def make(fields: Fields, head: Head) -> inbound.ScanCode:
        info = fields.child("ScanCodeInfo")
        return inbound.ScanCode(
            key=fields.text("EventKey"),
            waiting=waiting,
            scan_type=info.text("ScanType"),
            result=info.text("ScanResult"),
            **head,
        )

    return make


def _pictures(
    source: Literal["camera", "camera_or_album", "album"],
) -> Callable[[Fields, Head], inbound.Pictures]:
    def make(fields: Fields, head: Head) -> inbound.Pictures:
        info = fields.child("SendPicsInfo")
        items = [item for part in info.children("PicList") for item in part.children("item")]
        digests = tuple(digest for item in items if (digest := item.text("PicMd5Sum", 64)))
        return inbound.Pictures(
            key=fields.text("EventKey"),
            source=source,
            count=max(info.integer("Count") or 0, 0),
            digests=digests,
            **head,
        )

    return make


def _location_select(fields: Fields, head: Head) -> inbound.LocationSelect:
    info = fields.child("SendLocationInfo")
    return inbound.LocationSelect(
        key=fields.text("EventKey"),
        latitude=_degrees(info, "Location_X", 90),
        longitude=_degrees(info, "Location_Y", 180),
        scale=info.integer("Scale"),
        label=info.text("Label"),
        place=info.text("Poiname"),
        **head,
    )


def _template_sent(fields: Fields, head: Head) -> inbound.TemplateSent:
    status = fields.text("Status", 200)
    words = "".join(status.lower().split())
    outcome: inbound.TemplateOutcome = "failed"
    if words == "success":
        outcome = "delivered"
    elif words == "failed:userblock":
        outcome = "blocked"
    elif words == "failed:freqlimit":
        outcome = "limited"
    return inbound.TemplateSent(
        message_id=fields.text("MsgID"), outcome=outcome, status=status, **head
    )


def _profile(
    change: Literal["modified", "withdrawn", "closed"],
) -> Callable[..., inbound.ProfileChanged]:
    def make(fields: Fields, head: Head) -> inbound.ProfileChanged:
        # FromUserName is the platform's own service here; OpenID names the person.
        person = fields.text("OpenID", _MAX_OPENID + 1)
        if 0 < len(person) <= _MAX_OPENID:
            head = {**head, "person": person}
        return inbound.ProfileChanged(
            change=change,
            revoke_info=fields.text("RevokeInfo"),
            union_id=fields.text("UnionID"),
            **head,
        )

    return make


def _listed(fields: Fields, wrapper: str) -> list[Fields]:
    """The ``List`` elements: inside a wrapper in XML, on the top level in JSON."""
    inside = [item for part in fields.children(wrapper) for item in part.children("List")]
    return inside or list(fields.children("List"))


def _choices(fields: Fields, wrapper: str) -> tuple[inbound.SubscriptionChoice, ...]:
    return tuple(
        inbound.SubscriptionChoice(
            item.text("TemplateId"),
            item.text("SubscribeStatusString").lower() == "accept",
            item.text("PopupScene"),
        )
        for item in _listed(fields, wrapper)
    )


def _subscription_popup(fields: Fields, head: Head) -> inbound.SubscriptionPopup:
    return inbound.SubscriptionPopup(choices=_choices(fields, "SubscribeMsgPopupEvent"), **head)


def _subscription_change(fields: Fields, head: Head) -> inbound.SubscriptionChange:
    return inbound.SubscriptionChange(choices=_choices(fields, "SubscribeMsgChangeEvent"), **head)


def _subscription_sent(fields: Fields, head: Head) -> inbound.SubscriptionSent:
    results = tuple(
        inbound.SubscriptionResult(
            item.text("TemplateId"),
            item.text("MsgID"),
            item.integer("ErrorCode"),
            item.text("ErrorStatus", 200),
        )
        for item in _listed(fields, "SubscribeMsgSentEvent")
    )
    return inbound.SubscriptionSent(results=results, **head)


_MESSAGES: dict[str, Callable[[Fields, Head], inbound.AnyInbound]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _short_video,
    "location": _location,
    "link": _link,
    "file": _file,
}

_EVENTS: dict[str, Callable[[Fields, Head], inbound.AnyInbound]] = {
    "subscribe": _subscribe,
    "unsubscribe": lambda fields, head: inbound.Unsubscribe(**head),
    "scan": _scan,
    "location": _location_report,
    "click": lambda fields, head: inbound.MenuClick(key=fields.text("EventKey"), **head),
    "view": lambda fields, head: inbound.MenuView(
        url=fields.text("EventKey"), menu_id=fields.text("MenuId"), **head
    ),
    "view_miniprogram": lambda fields, head: inbound.MenuMiniProgram(
        path=fields.text("EventKey"), menu_id=fields.text("MenuId"), **head
    ),
    "scancode_push": _scan_code(waiting=False),
    "scancode_waitmsg": _scan_code(waiting=True),
    "pic_sysphoto": _pictures("camera"),
    "pic_photo_or_album": _pictures("camera_or_album"),
    "pic_weixin": _pictures("album"),
    "location_select": _location_select,
    "templatesendjobfinish": _template_sent,
    "user_info_modified": _profile("modified"),
    "user_authorization_revoke": _profile("withdrawn"),
    "user_authorization_cancellation": _profile("closed"),
    "subscribe_msg_popup_event": _subscription_popup,
    "subscribe_msg_change_event": _subscription_change,
    "subscribe_msg_sent_event": _subscription_sent,
}
