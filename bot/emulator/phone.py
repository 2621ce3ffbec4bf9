"""What a person can do with the phone, and what the platform tells the callback because of it.

Field names follow the official pages of standard messages and of event pushes. Every function
returns the push that is now under way; `Pusher.wait` waits for its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.emulator import quota
from bot.emulator.emulator import Emulator
from bot.emulator.media import keep_media
from bot.emulator.model import Media, Person, PhoneMessage, Push, QrCode, WindowKind


class NotPossible(Exception):
    """A phone would not let this person do that; the text says why, in Chinese for the page."""


class Unknown(NotPossible):
    """There is no such person."""


# -- people ----------------------------------------------------------------------------------------


def make_person(
    emulator: Emulator, *, name: str, openid: str = "", unionid: str = "", following: bool = False
) -> Person:
    """A new person. `following` lets them follow without telling the callback (set-up of tests)."""
    openid = openid or emulator.new_openid()
    if openid in emulator.store.people:
        raise NotPossible("这个 openid 已经有人用了")
    person = Person(openid=openid, name=name.strip() or "未命名", unionid=unionid)
    if following:
        person.following, person.followed_at = True, emulator.now()
    emulator.store.commit(person)
    return person


def find(emulator: Emulator, openid: str) -> Person:
    person = emulator.store.people.get(openid)
    if person is None:
        raise Unknown("没有这个人")
    return person


def follow(emulator: Emulator, person: Person, *, ticket: str = "") -> Push:
    """Follow, or scan a code: a follower who scans causes SCAN instead of subscribe."""
    code = _live_code(emulator, ticket) if ticket else None
    now = emulator.now()
    fields: dict[str, Any] = {"MsgType": "event", "Event": "subscribe", "EventKey": ""}
    if person.following:
        if code is None:
            raise NotPossible("已经关注了")
        fields = {"MsgType": "event", "Event": "SCAN", "EventKey": code.scene}
    elif code is not None:
        fields["EventKey"] = f"qrscene_{code.scene}"
    if code is not None:
        fields["Ticket"] = code.ticket
        person.scene = code.scene
        quota.open_window(person, "scan", now)
    if not person.following:
        person.following, person.followed_at = True, now
        quota.open_window(person, "follow", now)
    note = "扫描了二维码" if fields["Event"] == "SCAN" else "关注了公众号"
    return _note_and_push(emulator, person, note, fields)


def unfollow(emulator: Emulator, person: Person) -> Push:
    _must_follow(person)
    person.following = False
    person.windows.clear()
    person.typing_until = 0.0
    fields = {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}
    return _note_and_push(emulator, person, "取消了关注", fields)


def set_switches(
    emulator: Emulator, person: Person, *, accepts: bool | None, virtual: bool | None
) -> None:
    """接收消息, and whether pages are opened as a virtual user (快照页)."""
    if accepts is not None:
        person.accepts = accepts
    if virtual is not None:
        person.virtual = virtual
    emulator.store.commit(person)


def _live_code(emulator: Emulator, ticket: str) -> QrCode:
    code = emulator.store.qrcodes.get(ticket)
    if code is None or (code.expires_at and code.expires_at <= emulator.now()):
        raise NotPossible("二维码已失效")
    return code


# -- messages --------------------------------------------------------------------------------------


def say(emulator: Emulator, person: Person, text: str, *, menu_id: str | None = None) -> Push:
    """Write a text. `menu_id` marks it as a tap on an item of a message menu.

    A tap opens the window of a menu click and not that of a message (official page). Ids that are
    no decimal integers come back as 0 (reported in the platform's community).
    """
    _must_follow(person)
    fields: dict[str, Any] = {"MsgType": "text", "Content": text}
    if menu_id is not None:
        fields["bizmsgmenuid"] = menu_id if menu_id.isdecimal() else "0"
    return _message_and_push(
        emulator,
        person,
        fields,
        {"content": text},
        window="message" if menu_id is None else "click",
    )


def tap_message_menu(emulator: Emulator, person: Person, seq: int, item_id: str) -> Push:
    """Tap an item of the message menu that is line `seq` on this phone."""
    for message in emulator.store.phone(person.openid):
        if message.seq == seq and message.type == "msgmenu":
            for item in message.content.get("list", []):
                if str(item.get("id")) == item_id:
                    return say(emulator, person, str(item.get("content", "")), menu_id=item_id)
    raise NotPossible("没有这个选项")


def send_media(
    emulator: Emulator,
    person: Person,
    kind: str,
    content: bytes,
    *,
    mime: str,
    filename: str = "",
) -> Push:
    """Send a picture, a voice or a (short) video."""
    _must_follow(person)
    media = keep_media(emulator, kind, content, mime=mime, filename=filename)
    fields: dict[str, Any] = {"MsgType": kind}
    if kind == "image":
        fields["PicUrl"] = picture_url(emulator, media)
    fields["MediaId"] = media.id
    if kind == "voice":
        fields["Format"] = "amr"
        fields["MediaId16K"] = media.id
    elif kind in ("video", "shortvideo"):
        fields["ThumbMediaId"] = media.id
    return _message_and_push(emulator, person, fields, {"media_id": media.id})


def picture_url(emulator: Emulator, media: Media) -> str:
    return f"{emulator.settings.public_url}/picture/{media.id}"


def send_location(
    emulator: Emulator,
    person: Person,
    *,
    latitude: float,
    longitude: float,
    label: str,
    scale: int = 16,
) -> Push:
    _must_follow(person)
    fields = {
        "MsgType": "location",
        "Location_X": latitude,
        "Location_Y": longitude,
        "Scale": scale,
        "Label": label,
    }
    shown = {"latitude": latitude, "longitude": longitude, "label": label}
    return _message_and_push(emulator, person, fields, shown)


def send_link(
    emulator: Emulator, person: Person, *, title: str, description: str, url: str
) -> Push:
    _must_follow(person)
    fields = {"MsgType": "link", "Title": title, "Description": description, "Url": url}
    shown = {"title": title, "description": description, "url": url}
    return _message_and_push(emulator, person, fields, shown)


def push_raw(emulator: Emulator, person: Person, fields: dict[str, Any]) -> Push:
    """Push any fields as they are: unknown types, missing or odd values. Common fields are added.

    A message (anything but an event) gets a MsgId unless `fields` holds one.
    """
    push = emulator.pusher.prepare(person.openid, fields, numbered=fields.get("MsgType") != "event")
    emulator.store.commit(push)
    emulator.pusher.send(push)
    return push


# -- the account's menu ----------------------------------------------------------------------------


def find_button(emulator: Emulator, path: Sequence[int]) -> dict[str, Any]:
    """The menu's button at `path`: (column,) or (column, row), counted from 0."""
    button: dict[str, Any] = {
        "sub_button": emulator.store.menu.buttons if emulator.store.menu else []
    }
    for step in path:
        row = button.get("sub_button") or []
        if not 0 <= step < len(row):
            raise NotPossible("没有这个菜单")
        button = row[step]
    return button


def tap_menu(emulator: Emulator, person: Person, path: Sequence[int], *, value: str = "") -> Push:
    """Tap a button. `value` is what a scanning button reads or a location button chooses."""
    _must_follow(person)
    button = find_button(emulator, path)
    kind, key = button.get("type", ""), button.get("key", "")
    fields: dict[str, Any] = {"MsgType": "event", "EventKey": key}
    if kind == "click":
        quota.open_window(person, "click", emulator.now())
        fields["Event"] = "CLICK"
    elif kind == "view":
        fields |= {"Event": "VIEW", "EventKey": button["url"], "MenuId": "1"}
    elif kind == "miniprogram":
        fields |= {"Event": "view_miniprogram", "EventKey": button["pagepath"], "MenuId": "1"}
    elif kind in ("scancode_push", "scancode_waitmsg"):
        quota.open_window(person, "click", emulator.now())
        fields |= {
            "Event": kind,
            "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": value or "1"},
        }
    elif kind in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin"):
        picture = {"item": {"PicMd5Sum": "0" * 32}}
        fields |= {"Event": kind, "SendPicsInfo": {"Count": 1, "PicList": picture}}
    elif kind == "location_select":
        fields |= {
            "Event": kind,
            "SendLocationInfo": {
                "Location_X": "24.4798",
                "Location_Y": "118.0894",
                "Scale": "16",
                "Label": value,
                "Poiname": "",
            },
        }
    else:
        raise NotPossible("这个按钮会打开子菜单或素材，不会推送事件")
    return _menu_push(emulator, person, button, fields)


def _menu_push(
    emulator: Emulator, person: Person, button: dict[str, Any], fields: dict[str, Any]
) -> Push:
    push = emulator.pusher.prepare(person.openid, fields)
    shown = {"content": button["name"], "key": fields["EventKey"]}
    emulator.show(
        person, channel="menu", type=fields["Event"], content=shown, push=push.id, also=(push,)
    )
    emulator.pusher.send(push)
    return push


# -- what else the platform tells ------------------------------------------------------------------


def report_location(
    emulator: Emulator, person: Person, *, latitude: float, longitude: float
) -> Push:
    _must_follow(person)
    fields = {
        "MsgType": "event",
        "Event": "LOCATION",
        "Latitude": latitude,
        "Longitude": longitude,
        "Precision": 30.0,
    }
    return emulator.pusher.tell(person.openid, fields)


def answer_consent(emulator: Emulator, person: Person, template_id: str, answer: str) -> Push:
    """Answer the question for a subscription: `accept`, `reject`, or later `revoke` it.

    A long-term template is consented to once and for all, a one-time template once for each
    message. Revoking in the account's settings is told as a change event, the rest as a popup
    event (official pages of the events of subscription notices).
    """
    template = emulator.store.templates.get(template_id)
    if template is None or template.kind == "template":
        raise NotPossible("没有这个订阅模板")
    if answer == "accept":
        if template.kind == "once":
            person.once[template_id] = person.once.get(template_id, 0) + 1
        elif template_id not in person.always:
            person.always.append(template_id)
    elif answer == "revoke":
        person.once.pop(template_id, None)
        if template_id in person.always:
            person.always.remove(template_id)
    elif answer != "reject":
        raise NotPossible("只能接受、拒绝或取消")
    revoked = answer == "revoke"
    status = {
        "TemplateId": template_id,
        "SubscribeStatusString": "accept" if answer == "accept" else "reject",
    }
    fields: dict[str, Any] = {"MsgType": "event"}
    if revoked:
        fields["Event"] = "subscribe_msg_change_event"
        fields["SubscribeMsgChangeEvent"] = {"List": [status]}
    else:
        fields["Event"] = "subscribe_msg_popup_event"
        fields["SubscribeMsgPopupEvent"] = {"List": [{**status, "PopupScene": "2"}]}
    note = {"accept": "接受", "reject": "拒绝", "revoke": "取消"}[answer]
    return _note_and_push(emulator, person, f"{note}了订阅「{template.title}」", fields)


def change_profile(emulator: Emulator, person: Person, event: str) -> Push:
    """A person changes the profile, revokes an authorisation, or gives the WeChat account up."""
    fields: dict[str, Any] = {
        "MsgType": "event",
        "Event": event,
        "OpenID": person.openid,
        "AppID": emulator.settings.app_id,
    }
    if event == "user_authorization_revoke":
        fields["RevokeInfo"] = "301"
    elif event not in ("user_info_modified", "user_authorization_cancellation"):
        raise NotPossible("没有这种事件")
    if person.unionid:
        fields["UnionID"] = person.unionid
    return _note_and_push(emulator, person, _PROFILE_NOTES[event], fields)


_PROFILE_NOTES = {
    "user_info_modified": "修改了个人资料",
    "user_authorization_revoke": "撤回了网页授权",
    "user_authorization_cancellation": "注销了微信",
}


# -- common ----------------------------------------------------------------------------------------


def _must_follow(person: Person) -> None:
    if not person.following:
        raise NotPossible("还没有关注这个公众号")


def _message_and_push(
    emulator: Emulator,
    person: Person,
    fields: dict[str, Any],
    shown: dict[str, Any],
    *,
    window: WindowKind = "message",
) -> Push:
    now = emulator.now()
    quota.open_window(person, window, now)
    person.spoke_at = now
    push = emulator.pusher.prepare(person.openid, fields, numbered=True)
    emulator.show(
        person,
        channel="phone",
        type=fields["MsgType"],
        content=shown,
        push=push.id,
        also=(push,),
    )
    emulator.pusher.send(push)
    return push


def _note_and_push(emulator: Emulator, person: Person, note: str, fields: dict[str, Any]) -> Push:
    push = emulator.pusher.prepare(person.openid, fields)
    emulator.show(
        person, channel="note", type="note", content={"content": note}, push=push.id, also=(push,)
    )
    emulator.pusher.send(push)
    return push


def shown_for(emulator: Emulator, push: Push) -> list[PhoneMessage]:
    """What the account's answer to this push put on the phone: a reply or a failure note."""
    return [
        message
        for message in emulator.store.phone(push.openid)
        if message.push == push.id and message.from_account
    ]
