"""Visits: return visits, follow-ups, injections, blood tests, refills. Each is one row and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.care.content import Content
from bot.care.models import VISIT_KINDS, Visit, VisitNotice
from bot.care.people import habits_of, locked_patient
from bot.care.visit_times import notices
from bot.casework.errors import Conflict
from bot.privacy import audit

COMING = ("planned", "confirmed")


def set_visit(
    session: Session,
    *,
    patient_id: int,
    kind: str,
    on_date: date,
    at_time: str | None,
    source_key: str,
    by: str,
    now: datetime,
    content: Content | None = None,
    version_id: int | None = None,
) -> Visit:
    """Note one visit with its reminders, or find the one already made from this source.

    ``at_time`` is ``HH:MM`` or None where only the day is known; ``content`` may hold place,
    what to bring, the medicine, and the family's own lead.
    """
    if kind not in VISIT_KINDS:
        raise ValueError(f"no visit: {kind}")
    locked_patient(session, patient_id, active=True)
    kept = content or Content()
    visit_id = session.scalar(
        insert(Visit)
        .values(
            source_key=source_key,
            patient_id=patient_id,
            version_id=version_id,
            kind=kind,
            on_date=on_date,
            at_time=at_time,
            content=kept.to_json(),
            created_at=now,
            created_by=by,
        )
        .on_conflict_do_nothing()
        .returning(Visit.id)
    )
    if visit_id is None:
        return session.scalars(select(Visit).where(Visit.source_key == source_key)).one()
    visit = session.get_one(Visit, visit_id)
    _plan_notices(session, visit, now=now)
    audit.record(session, by=by, action="visit.set", on=("visit", visit.id), now=now, kind=kind)
    return visit


def confirm_visit(session: Session, *, visit_id: int, by: str, now: datetime) -> Visit:
    """The family will come. Reminders stay."""
    visit = _coming(session, visit_id)
    visit.state = "confirmed"
    audit.record(session, by=by, action="visit.confirm", on=("visit", visit.id), now=now)
    return visit


def move_visit(
    session: Session,
    *,
    visit_id: int,
    on_date: date,
    at_time: str | None,
    by: str,
    now: datetime,
) -> Visit:
    """Another day or hour; what was still to be sent for the old one is not sent."""
    visit = _coming(session, visit_id)
    _drop_notices(session, [visit.id])
    visit.on_date, visit.at_time, visit.state = on_date, at_time, "planned"
    visit.version += 1
    _plan_notices(session, visit, now=now)
    audit.record(session, by=by, action="visit.move", on=("visit", visit.id), now=now)
    return visit


def cancel_visit(session: Session, *, visit_id: int, by: str, now: datetime) -> Visit:
    visit = _coming(session, visit_id)
    _drop_notices(session, [visit.id])
    visit.state, visit.settled_at = "cancelled", now
    audit.record(session, by=by, action="visit.cancel", on=("visit", visit.id), now=now)
    return visit


def took_place(session: Session, *, visit_id: int, yes: bool, by: str, now: datetime) -> Visit:
    """Whether it took place, as family or staff say; may be corrected later."""
    visit = _locked(session, visit_id)
    if visit.state == "cancelled":
        raise Conflict("这次安排已经取消了。")
    _drop_notices(session, [visit.id])
    visit.state = "took_place" if yes else "did_not_take_place"
    visit.settled_at = now
    audit.record(
        session, by=by, action="visit.took_place", on=("visit", visit.id), now=now, yes=yes
    )
    return visit


def _plan_notices(session: Session, visit: Visit, *, now: datetime) -> None:
    patient = locked_patient(session, visit.patient_id)
    kept = Content.from_json(visit.content)
    for notice in notices(
        visit.on_date, visit.at_time, habits_of(patient), lead=kept.lead, lead_at=kept.lead_at
    ):
        if notice.not_after > now:
            session.add(
                VisitNotice(
                    visit_id=visit.id,
                    visit_version=visit.version,
                    about=notice.about,
                    remind_at=notice.remind_at,
                    not_after=notice.not_after,
                    state="waiting",
                )
            )
    session.flush()


def _drop_notices(session: Session, visit_ids: Sequence[int]) -> None:
    session.execute(
        update(VisitNotice)
        .where(VisitNotice.visit_id.in_(visit_ids), VisitNotice.state.in_(("waiting", "released")))
        .values(state="dropped")
        .execution_options(synchronize_session=False)
    )


def _coming(session: Session, visit_id: int) -> Visit:
    visit = _locked(session, visit_id)
    if visit.state not in COMING:
        raise Conflict("这次安排已经过去了，或者取消了。")
    return visit


def _locked(session: Session, visit_id: int) -> Visit:
    visit = session.get(Visit, visit_id, with_for_update=True, populate_existing=True)
    if visit is None:
        raise Conflict("找不到这次安排。")
    return visit
