"""Reminders at the moment of sending: still wanted, in which words, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.care import wording
from bot.care.content import Content
from bot.care.models import Dose, Patient, PlanVersion, Visit, VisitNotice
from bot.care.people import habits_of
from bot.casework.tickets import open_ticket
from bot.delivery import windows
from bot.delivery.models import Contact, OutboxMessage
from bot.delivery.sending import Verdict

KEEP_OPEN_BELOW = 2
"""With so few messages left, or so little time, the reminder asks for a typed answer."""
KEEP_OPEN_FOR = timedelta(hours=26)


@dataclass(frozen=True)
class Reminders:
    """`bot.delivery.sending.Rules` of doses and visits."""

    purposes: frozenset[str] = frozenset({"dose_reminder", "visit_reminder"})

    def recheck(
        self,
        session: Session,
        messages: Sequence[OutboxMessage],
        contacts: Mapping[int, Contact],
        *,
        now: datetime,
    ) -> Mapping[int, Verdict]:
        """Words for what is still wanted.

        A dose is wanted while it is due and its window open: a check-in, a change, a pause or a
        stop has taken it out of that state. What is left of a shared message is still said.
        """
        contact_of = {one.id: contacts[one.contact_id] for one in messages}
        ids = [one.id for one in messages if one.purpose == "dose_reminder"]
        visit_ids = [one.id for one in messages if one.purpose == "visit_reminder"]
        verdicts = _dose_verdicts(session, ids, contact_of, now=now) if ids else {}
        if visit_ids:
            verdicts |= _visit_verdicts(session, visit_ids, contact_of, now=now)
        return verdicts

    def sent(self, session: Session, messages: Sequence[OutboxMessage], *, now: datetime) -> None:
        doses = [one.id for one in messages if one.purpose == "dose_reminder"]
        visits = [one.id for one in messages if one.purpose == "visit_reminder"]
        if doses:
            session.execute(
                update(Dose)
                .where(Dose.message_id.in_(doses), Dose.state == "due")
                .values(state="sent", sent_at=now, reason=None)
                .execution_options(synchronize_session=False)
            )
        if visits:
            session.execute(
                update(VisitNotice)
                .where(VisitNotice.message_id.in_(visits), VisitNotice.state == "released")
                .values(state="sent")
                .execution_options(synchronize_session=False)
            )


def hand_over(session: Session, message: OutboxMessage, *, why: str) -> None:
    """A reminder that did not arrive, or may have: staff are told, and it is not repeated.

    ``why``: the reason in a sentence for staff. One ticket a day for who cannot be reached.
    """
    assert message.settled_at is not None
    now, unsure = message.settled_at, message.state == "unsure"
    if unsure:
        values = {"state": "sent", "unsure": True, "sent_at": now}
    else:
        values = {"reason": "unreachable"}
        session.execute(
            update(Dose)
            .where(
                Dose.message_id == message.id, Dose.state == "due", Dose.escalate_at.is_not(None)
            )
            .values(escalate_at=now)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(Dose)
        .where(Dose.message_id == message.id, Dose.state == "due")
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(VisitNotice)
        .where(VisitNotice.message_id == message.id, VisitNotice.state == "released")
        .values(state="sent" if unsure else "dropped")
        .execution_options(synchronize_session=False)
    )
    day = now.date()
    source = (
        f"outbox:{message.id}:unsure" if unsure else f"care:unreachable:{message.contact_id}:{day}"
    )
    what = "有一次提醒不知道收到没有" if unsure else "提醒发不到这位家属的微信上"
    open_ticket(
        session,
        source_key=source,
        kind="undelivered",
        urgency="soon",
        summary=f"{what}。{why}",
        by="system:delivery",
        now=now,
        contact_id=message.contact_id,
    )


def _dose_verdicts(
    session: Session,
    message_ids: Sequence[int],
    contact_of: Mapping[int, Contact],
    *,
    now: datetime,
) -> dict[int, Verdict]:
    rows = session.execute(
        select(Dose, Patient, PlanVersion)
        .join(Patient, Patient.id == Dose.patient_id)
        .join(PlanVersion, PlanVersion.id == Dose.version_id)
        .where(Dose.message_id.in_(message_ids), Dose.state == "due", Dose.window_ends_at > now)
        .order_by(Dose.due_at, Dose.id)
    )
    together: dict[int, list[tuple[Dose, Patient, PlanVersion]]] = defaultdict(list)
    for dose, patient, version in rows:
        assert dose.message_id is not None
        together[dose.message_id].append((dose, patient, version))
    return {
        message_id: _dose_verdict(found, contact_of[message_id], now=now)
        for message_id, found in together.items()
    }


def _dose_verdict(
    found: Sequence[tuple[Dose, Patient, PlanVersion]], contact: Contact, *, now: datetime
) -> Verdict:
    patient = found[0][1]
    habits = habits_of(patient)
    at = list(dict.fromkeys(wording.when(dose.due_at, habits, now=now) for dose, _, _ in found))
    lines = [
        wording.dose_line(Content.from_json(version.content), dose.local_date, dose.slot)
        for dose, _, version in found
        if patient.wording == "open"
    ]
    text = wording.dose_reminder(
        called=patient.called,
        themselves=patient.contact_id == patient.reminded_contact_id,
        at=at,
        lines=lines,
        own=patient.own_wording if patient.wording == "own" else None,
    )
    notice = {
        "what": wording.DISCREET,
        "when": max(dose.due_at for dose, _, _ in found)
        .astimezone(habits.moment(date(2026, 1, 1), "00:00").tzinfo)
        .strftime("%Y-%m-%d %H:%M"),
    }
    return Verdict(_body(text, wording.CHOICES, contact, now=now), notice)


def _visit_verdicts(
    session: Session,
    message_ids: Sequence[int],
    contact_of: Mapping[int, Contact],
    *,
    now: datetime,
) -> dict[int, Verdict]:
    rows = session.execute(
        select(VisitNotice, Visit, Patient)
        .join(Visit, Visit.id == VisitNotice.visit_id)
        .join(Patient, Patient.id == Visit.patient_id)
        .where(
            VisitNotice.message_id.in_(message_ids),
            VisitNotice.state == "released",
            VisitNotice.visit_version == Visit.version,
            Visit.state.in_(("planned", "confirmed")),
            VisitNotice.not_after > now,
        )
    )
    verdicts = {}
    for notice, visit, patient in rows:
        habits = habits_of(patient)
        away = (visit.on_date - habits.day_of(now)).days
        day = {0: "今天", 1: "明天", 2: "后天"}.get(
            away, f"{visit.on_date.month}月{visit.on_date.day}号"
        )
        text = wording.visit_reminder(
            about=notice.about,
            kind=visit.kind,
            called=patient.called,
            themselves=patient.contact_id == patient.reminded_contact_id,
            day=day,
            at_time=visit.at_time,
            content=Content.from_json(visit.content),
            open_wording=patient.wording == "open",
        )
        asked = notice.about == "afterwards"
        choices = wording.AFTERWARDS_CHOICES if asked else wording.VISIT_CHOICES
        told = {"what": wording.DISCREET, "when": f"{visit.on_date} {visit.at_time or '08:00'}"}
        assert notice.message_id is not None
        verdicts[notice.message_id] = Verdict(
            _body(text, choices, contact_of[notice.message_id], now=now), told
        )
    return verdicts


def _body(
    text: str, choices: Sequence[str], contact: Contact, *, now: datetime
) -> dict[str, object]:
    """Tappable answers; typed ones where the window is about to close, because a tap does not
    open it again."""
    allowance = windows.allowance(contact, now=now)
    closing = allowance.until is None or allowance.until < now + KEEP_OPEN_FOR
    if closing or allowance.left <= KEEP_OPEN_BELOW:
        return {"text": wording.numbered(text, choices)}
    return {
        "text": text,
        "choices": [{"id": str(n), "text": words} for n, words in enumerate(choices, 1)],
    }
