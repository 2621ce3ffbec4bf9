"""What a family chose: its own times, quiet hours, wording, who is told when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.care.models import WORDINGS, Caregiver, Patient
from bot.care.people import habits_of, locked_patient, next_summary
from bot.care.plans import rescheduled
from bot.care.recurrence import DEFAULT_ANCHORS
from bot.casework.errors import Conflict
from bot.privacy import audit

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_UNSET = object()


def set_preferences(
    session: Session,
    *,
    patient_id: int,
    by: str,
    now: datetime,
    anchors: Mapping[str, str] | None = None,
    quiet: tuple[str, str] | None = None,
    wording: str | None = None,
    own_wording: str | None = None,
    tell_caregiver_after: int | object | None = _UNSET,
    tell_worker_after: int | object | None = _UNSET,
    timezone: str | None = None,
) -> Patient:
    """Change what is given; None switches a telling off.

    ``anchors``: ``{"after_breakfast": "07:40"}``, joined to those known; ``quiet``: from, to
    (``HH:MM``); ``tell_caregiver_after``: minutes; ``tell_worker_after``: times missed in a row.
    Changed times hold from the next occurrence on. Raises ValueError for what is no time.
    """
    patient = locked_patient(session, patient_id)
    clocks = [*(anchors or {}).values(), *(quiet or ())]
    if any(not _CLOCK.fullmatch(one) for one in clocks):
        raise ValueError("a time is HH:MM")
    if unknown := set(anchors or {}) - set(DEFAULT_ANCHORS):
        raise ValueError(f"no anchor: {unknown}")
    if wording is not None and wording not in WORDINGS:
        raise ValueError(f"no wording: {wording}")
    if quiet is not None:
        patient.quiet_from, patient.quiet_to = quiet
    if wording is not None:
        patient.wording = wording
    if own_wording is not None:
        patient.wording, patient.own_wording = "own", own_wording
    if tell_caregiver_after is not _UNSET:
        patient.tell_caregiver_after = _number(tell_caregiver_after)
    if tell_worker_after is not _UNSET:
        patient.tell_worker_after = _number(tell_worker_after)
    before = habits_of(patient)
    patient.anchors = {**patient.anchors, **(anchors or {})}
    patient.timezone = timezone or patient.timezone
    if habits_of(patient) != before:
        rescheduled(session, patient=patient, now=now)
    audit.record(session, by=by, action="care.prefer", on=("patient", patient_id), now=now)
    return patient


def set_weekly_summary(
    session: Session, *, patient_id: int, contact_id: int, on: bool, by: str, now: datetime
) -> None:
    """Switch one caregiver's weekly summary on or off."""
    patient = locked_patient(session, patient_id)
    caregiver = session.scalar(
        select(Caregiver).where(
            Caregiver.patient_id == patient_id, Caregiver.contact_id == contact_id
        )
    )
    if caregiver is None:
        raise Conflict("还没有登记您在照顾这位家人。")
    caregiver.next_summary_at = next_summary(patient, now=now) if on else None
    audit.record(
        session, by=by, action="care.weekly_summary", on=("patient", patient_id), now=now, on_=on
    )


def _number(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or value < 1):
        raise ValueError("a number from 1, or None")
    return value
