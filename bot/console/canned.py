"""Canned replies: texts that staff send often, with places to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.casework.errors import Refused
from bot.casework.models import Case
from bot.casework.stages import STAGE_NAMES
from bot.console.forms import REPLY_LONGEST
from bot.console.models import CannedReply
from bot.privacy import audit

VARIABLES = {
    "患者": "患者姓名",
    "回执编号": "回执编号",
    "进度": "现在到哪一步",
    "社工": "您的姓名",
}
"""What ``{…}`` may stand for, with what it is."""
TITLE_LONGEST = 20
_PLACE = re.compile(r"\{([^{}]*)\}")


def save(
    session: Session, *, reply_id: int | None, title: str, text: str, by: str, now: datetime
) -> CannedReply:
    """Make a reply or change one. Raises `Refused`."""
    title, text = title.strip(), text.strip()
    if not title or len(title) > TITLE_LONGEST:
        raise Refused(f"给它起个名字，最多 {TITLE_LONGEST} 个字。")
    if not text or len(text) > REPLY_LONGEST:
        raise Refused(f"写一段话，最多 {REPLY_LONGEST} 个字。")
    unknown = [name for name in _PLACE.findall(text) if name not in VARIABLES]
    if unknown or _PLACE.sub("", text).count("{") or _PLACE.sub("", text).count("}"):
        known = "、".join(f"{{{name}}}" for name in VARIABLES)
        raise Refused(f"花括号里只能写这几个：{known}。")
    if reply_id is None:
        reply = CannedReply(title=title, text=text, updated_by=by, updated_at=now)
        session.add(reply)
    else:
        found = session.get(CannedReply, reply_id, with_for_update=True)
        if found is None:
            raise Refused("这条常用语已经不在了。")
        reply = found
        reply.title, reply.text, reply.updated_by, reply.updated_at = title, text, by, now
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused("已经有一条叫这个名字的了，换一个名字。") from error
    audit.record(session, by=by, action="canned.save", on=("canned_reply", reply.id), now=now)
    return reply


def remove(session: Session, *, reply_id: int, by: str, now: datetime) -> None:
    """Delete a reply; what was sent with it stays in the conversations."""
    reply = session.get(CannedReply, reply_id, with_for_update=True)
    if reply is None:
        return
    session.delete(reply)
    audit.record(session, by=by, action="canned.remove", on=("canned_reply", reply_id), now=now)


def all_replies(session: Session) -> Sequence[CannedReply]:
    """Every reply, by title."""
    return session.scalars(select(CannedReply).order_by(CannedReply.title)).all()


def filled(text: str, values: Mapping[str, str]) -> str:
    """A reply with its places filled in; what is not known stays for the writer to see."""
    return _PLACE.sub(lambda place: values.get(place[1]) or place[0], text)


def for_case(session: Session, *, case: Case, me: str) -> list[tuple[CannedReply, str]]:
    """Every reply with its places filled in for one case; ``me`` is who writes."""
    values = {
        "患者": case.patient_name,
        "回执编号": case.receipt_number,
        "进度": STAGE_NAMES[case.stage],
        "社工": me,
    }
    return [(reply, filled(reply.text, values)) for reply in all_replies(session) if reply.active]
