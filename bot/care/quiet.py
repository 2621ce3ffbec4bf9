"""Quiet hours: in them nothing is said but the reminders that the family asked for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.care.models import Patient


def quiet_until(patient: Patient, *, now: datetime) -> datetime | None:
    """The end of the quiet hours that ``now`` is in, else None."""
    local = now.astimezone(ZoneInfo(patient.timezone))
    begin, end = time.fromisoformat(patient.quiet_from), time.fromisoformat(patient.quiet_to)
    clock = local.time()
    inside = begin <= clock < end if begin <= end else clock >= begin or clock < end
    if begin == end or not inside:
        return None
    ends = datetime.combine(local.date(), end, local.tzinfo)
    return ends if ends > now else datetime.combine(local.date() + timedelta(1), end, local.tzinfo)
