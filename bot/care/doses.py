"""What happened with a dose: checked in, put off, taken back. Never advice, never a second dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.care.models import OUTCOMES, CheckIn, Dose, Patient
from bot.casework.errors import Conflict
from bot.casework.tickets import open_ticket
from bot.privacy import audit

SNOOZES = (10, 30, 60)
"""Minutes that may be chosen."""
UNDO_WITHIN = timedelta(hours=24)
_HANDED_ON = {
    "vomited": "家属说药吃下去又吐了，请联系问问情况，让家属听医生的。",
    "refused": "家属说患者不肯吃药，请联系问问情况，需要时联系医生。",
}
_OPEN = ("due", "sent", "snoozed")
_STATE = {"taken": "taken", "vomited": "taken", "refused": "skipped", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """``late``: the window was over before it was said. ``again``: nothing changed by it."""

    doses: list[Dose]
    late: bool
    again: bool


def check_in(
    session: Session,
    *,
    dose_ids: Sequence[int],
    outcome: str,
    by: str,
    now: datetime,
) -> CheckedIn:
    """Note what became of doses: ``taken``, ``vomited``, ``refused`` or ``skipped``.

    Also for an earlier dose, whatever its state; the last word counts and is in the ledger.
    Vomiting and refusal become a ticket for a social worker; nothing here says what to do about
    them.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"no outcome: {outcome}")
    doses = _locked(session, dose_ids)
    late, again = False, True
    for dose in doses:
        late = late or dose.window_ends_at <= now
        if dose.outcome == outcome and dose.state == _STATE[outcome]:
            continue
        again = False
        session.add(
            CheckIn(
                dose_id=dose.id,
                outcome=outcome,
                by=by,
                at=now,
                before={
                    "state": dose.state,
                    "outcome": dose.outcome,
                    "reason": dose.reason,
                    "escalate_at": dose.escalate_at.isoformat() if dose.escalate_at else None,
                },
            )
        )
        dose.state, dose.outcome, dose.reason = _STATE[outcome], outcome, None
        dose.settled_at, dose.settled_by = now, by
        dose.escalate_at = dose.snoozed_until = None
        audit.record(
            session, by=by, action="dose.check_in", on=("dose", dose.id), now=now, outcome=outcome
        )
        if outcome in _HANDED_ON:
            open_ticket(
                session,
                # One a day and patient, however many medicines it is about.
                source_key=f"care:{outcome}:{dose.patient_id}:{dose.local_date}",
                kind="medication",
                urgency="soon",
                summary=_HANDED_ON[outcome],
                by="system:care",
                now=now,
                contact_id=dose.contact_id,
                county_code=session.get_one(Patient, dose.patient_id).county_code,
            )
    return CheckedIn(doses, late, again)


def undo(session: Session, *, dose_ids: Sequence[int], by: str, now: datetime) -> list[Dose]:
    """Take the latest check-in of doses back, within a day of it; the doses that changed.

    A dose whose window is open waits for its check-in again and is not reminded of twice; one
    whose window is over is missed.
    """
    changed = []
    for dose in _locked(session, dose_ids):
        latest = session.scalar(
            select(CheckIn)
            .where(
                CheckIn.dose_id == dose.id,
                CheckIn.undone_at.is_(None),
                CheckIn.at > now - UNDO_WITHIN,
            )
            .order_by(CheckIn.id.desc())
            .limit(1)
        )
        if latest is None:
            continue
        latest.undone_at = now
        before = latest.before
        dose.outcome, dose.reason = before["outcome"], before["reason"]
        if before["state"] in _OPEN:
            is_open = dose.window_ends_at > now
            dose.state = "sent" if is_open else "missed"
            dose.reason = None if is_open else "no_answer"
        else:
            dose.state = before["state"]
        if before["escalate_at"]:
            # The caregiver hears of it after all: what was taken back is no answer.
            dose.escalate_at = datetime.fromisoformat(before["escalate_at"])
        dose.settled_at, dose.settled_by = now, by
        audit.record(session, by=by, action="dose.undo", on=("dose", dose.id), now=now)
        changed.append(dose)
    return changed


def snooze(
    session: Session, *, dose_ids: Sequence[int], minutes: int, by: str, now: datetime
) -> datetime:
    """Remind of doses again in 10, 30 or 60 minutes; the moment.

    Raises `Conflict` where that would be after the dose's window: it is never sent late.
    """
    if minutes not in SNOOZES:
        raise ValueError(f"no such snooze: {minutes}")
    until = now + timedelta(minutes=minutes)
    open_doses = [dose for dose in _locked(session, dose_ids) if dose.state in ("sent", "snoozed")]
    in_time = [dose for dose in open_doses if until < dose.window_ends_at]
    if not in_time:
        raise Conflict(
            "再推就太晚了，这次不再提醒。吃没吃都告诉我一声就行；漏了也别补双份，问问医生。"
        )
    for dose in in_time:
        dose.state, dose.snoozed_until = "snoozed", until
        if dose.escalate_at is not None:
            # Who puts it off has been heard from: the caregiver is told from the new time on.
            dose.escalate_at = min(
                max(dose.escalate_at, until + timedelta(minutes=10)), dose.window_ends_at
            )
        audit.record(
            session, by=by, action="dose.snooze", on=("dose", dose.id), now=now, minutes=minutes
        )
    return until


def _locked(session: Session, dose_ids: Sequence[int]) -> list[Dose]:
    doses = list(
        session.scalars(
            select(Dose)
            .where(Dose.id.in_(dose_ids))
            .order_by(Dose.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )
    if len(doses) != len(set(dose_ids)):
        raise Conflict("找不到这一次提醒。")
    return doses
