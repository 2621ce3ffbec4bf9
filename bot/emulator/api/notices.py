"""Template messages and subscription notices.

Official pages: Message_Management/Template_Message_Interface and Subscription_Messages. The limits
of the fields are those of both (staff in the platform's community); `first` and `remark` have been
dropped silently since 2023. That a dropped repetition (`client_msg_id`) is answered like the first
one is our assumption: no page says what comes back.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field

from bot.emulator import faults
from bot.emulator.api.call import OK, Call, Interface
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError
from bot.emulator.model import Gone, Person, SentOnce, Template

TEMPLATES_A_DAY = 100_000
REPEAT_SECONDS = 600.0

_HANZI = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_CLOCK = r"([01]?\d|2[0-3])[:：][0-5]\d([:：][0-5]\d)?"
_DAY = r"\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?"
_TIME = rf"({_DAY}\s*)?{_CLOCK}"
_DATE = rf"{_DAY}(\s*{_CLOCK})?"
_LIMITS = {
    "thing": re.compile(r".{1,20}"),
    "character_string": re.compile(r"[\x21-\x7e]{1,32}"),
    "phrase": re.compile(_HANZI + r"{1,5}"),
    "time": re.compile(rf"{_TIME}(~{_TIME})?"),
    "date": re.compile(rf"{_DATE}(~{_DATE})?"),
    "number": re.compile(r"[0-9.]{1,32}"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "amount": re.compile(r"[^\d]{0,3}\d{1,10}(\.\d{1,2})?[元]?"),
    "phone_number": re.compile(r"[0-9+\-() ]{1,17}"),
    "car_number": re.compile(r"[A-Z0-9\u4e00-\u9fff]{1,8}"),
    "name": re.compile(rf"{_HANZI}{{1,10}}|[A-Za-z .·]{{1,20}}"),
    # The platform publishes no limit for these; preset values are preset elsewhere.
    "const": re.compile(r".{1,20}"),
    "short_thing": re.compile(r".{1,20}"),
}


class _Value(Struct):
    value: str | int | float = ""


class _MiniProgram(Struct):
    appid: str = ""
    pagepath: str = ""


class _Notice(Struct):
    touser: str = ""
    template_id: str = ""
    data: dict[str, _Value] = field(default_factory=dict)
    url: str = ""
    page: str = ""
    miniprogram: _MiniProgram | None = None
    client_msg_id: str = ""


def field_allows(key: str, value: str) -> bool:
    """Whether a field such as `thing1` may hold this value."""
    limit = _LIMITS.get(key.rstrip("0123456789"))
    return limit is not None and limit.fullmatch(value) is not None


def _check_values(template: Template, notice: _Notice) -> dict[str, str]:
    """The values that are shown, by label. Raises PlatformError 47003."""
    shown = {}
    for item in template.fields:
        given = notice.data.get(item.key)
        value = str(given.value) if given else ""
        if not value:
            raise PlatformError(47003, f"argument invalid! data.{item.key}.value is empty")
        if not field_allows(item.key, value):
            raise PlatformError(47003, f"argument invalid! data.{item.key}.value invalid")
        shown[item.label] = value
    return shown


def _template(call: Call, notice: _Notice, kinds: tuple[str, ...]) -> Template:
    template = call.emulator.store.templates.get(notice.template_id)
    if template is None or template.kind not in kinds:
        raise PlatformError(40037)
    return template


def _show(
    emulator: Emulator, person: Person, template: Template, notice: _Notice, shown: dict[str, str]
) -> None:
    content: dict[str, Any] = {"title": template.title, "values": shown}
    if notice.miniprogram is not None and notice.miniprogram.appid:
        content["miniprogram"] = notice.miniprogram.pagepath  # wins over the address
    elif notice.url or notice.page:
        content["url"] = notice.url or notice.page
    emulator.show(
        person,
        channel="template" if template.kind == "template" else "subscribe",
        type="notice",
        content=content,
    )


def _next_msgid(emulator: Emulator) -> int:
    """Each notice ends in one event, so the event's number makes it unique."""
    return 3_000_000_000_000_000_000 + emulator.store.last_push + 1


# -- template messages -----------------------------------------------------------------------------


def send_template(call: Call) -> dict[str, Any]:
    emulator = call.emulator
    notice = call.read(_Notice)
    person = call.person(notice.touser)
    template = _template(call, notice, ("template",))
    if not person.following:
        raise PlatformError(43004)
    shown = _check_values(template, notice)
    _forget_repetitions(emulator)
    key = f"{person.openid}|{notice.client_msg_id}"
    if notice.client_msg_id and key in emulator.store.sent:
        return {**OK, "msgid": emulator.store.sent[key].msgid}
    msgid = _next_msgid(emulator)
    if faults.take(emulator.store, "job_failure", openid=person.openid):
        status = "failed: system failed"
    elif not person.accepts:
        status = "failed:user block"
    else:
        status = "success"
        _show(emulator, person, template, notice, shown)
    if notice.client_msg_id:
        emulator.store.commit(SentOnce(key, msgid, emulator.now()))
    emulator.pusher.tell(
        person.openid,
        {
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msgid,
            "Status": status,
        },
    )
    return {**OK, "msgid": msgid}


def _forget_repetitions(emulator: Emulator) -> None:
    before = emulator.now() - REPEAT_SECONDS
    old = []
    for sent in emulator.store.sent.values():  # oldest first
        if sent.at > before:
            break
        old.append(Gone("sent", sent.key))
    if old:
        emulator.store.commit(*old)


def list_templates(call: Call) -> dict[str, Any]:
    """get_all_private_template."""
    return {
        "template_list": [
            {
                "template_id": template.id,
                "title": template.title,
                "primary_industry": "",
                "deputy_industry": "",
                "content": _layout(template),
                "example": "",
            }
            for template in call.emulator.store.templates.values()
            if template.kind == "template"
        ]
    }


def _layout(template: Template) -> str:
    return "\n".join(f"{item.label}:{{{{{item.key}.DATA}}}}" for item in template.fields)


# -- subscription notices --------------------------------------------------------------------------


def send_subscription(call: Call) -> dict[str, Any]:
    """Needs a consent for this template: a one-time consent is used up by it."""
    notice = call.read(_Notice)
    person = call.person(notice.touser)
    template = _template(call, notice, ("once", "always"))
    shown = _check_values(template, notice)
    if template.kind == "always":
        if template.id not in person.always:
            raise PlatformError(43101)
    elif not person.once.get(template.id):
        raise PlatformError(43101)
    else:
        person.once[template.id] -= 1
    msgid = _next_msgid(call.emulator)
    _show(call.emulator, person, template, notice, shown)
    sent = {
        "TemplateId": template.id,
        "MsgID": str(msgid),
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }
    call.emulator.pusher.tell(
        person.openid,
        {
            "MsgType": "event",
            "Event": "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent": {"List": [sent]},
        },
    )
    return {**OK, "msgid": msgid}


def list_subscriptions(call: Call) -> dict[str, Any]:
    """newtmpl/gettemplate; type 2 is one-time, 3 long-term."""
    return {
        **OK,
        "data": [
            {
                "priTmplId": template.id,
                "title": template.title,
                "content": _layout(template),
                "example": "",
                "type": 2 if template.kind == "once" else 3,
            }
            for template in call.emulator.store.templates.values()
            if template.kind != "template"
        ],
    }


INTERFACES = (
    Interface(
        method="POST",
        path="/cgi-bin/message/template/send",
        answer=send_template,
        daily=TEMPLATES_A_DAY,
    ),
    Interface(
        method="GET", path="/cgi-bin/template/get_all_private_template", answer=list_templates
    ),
    Interface(method="POST", path="/cgi-bin/message/subscribe/bizsend", answer=send_subscription),
    Interface(method="GET", path="/wxaapi/newtmpl/gettemplate", answer=list_subscriptions),
)
