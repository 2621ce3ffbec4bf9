"""Staff's training: recorded by an administrator, asked by the needs assessment.

Source: 闽民事〔2023〕86号 三(四)13: twenty hours a year for direct staff; social workers who
assess and refer have been trained in needs assessment.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.casework.errors import Refused
from bot.casework.team_models import TRAINING_KINDS, Training
from bot.clock import LOCAL
from bot.privacy import audit

HOURS_A_YEAR = 20
HOURS_MOST = 2000


def record_training(
    session: Session,
    *,
    staff_id: int,
    kind: str,
    passed_on: date,
    valid_until: date,
    hours: int,
    certificate_number: str,
    by: str,
    now: datetime,
) -> Training:
    """Keep a training that a member of staff has passed."""
    if kind not in TRAINING_KINDS:
        raise Refused("请选培训的种类。")
    if valid_until < passed_on:
        raise Refused("有效期不能早于通过的日期。")
    if passed_on > now.astimezone(LOCAL).date():
        raise Refused("还没有到的日子，通过了再登记。")
    if not 1 <= hours <= HOURS_MOST:
        raise Refused(f"学时请填1到{HOURS_MOST}。")
    training = Training(
        staff_id=staff_id,
        kind=kind,
        passed_on=passed_on,
        valid_until=valid_until,
        hours=hours,
        certificate_number=certificate_number.strip(),
        recorded_by=by,
    )
    session.add(training)
    session.flush()
    audit.record(
        session, by=by, action="training.record", on=("training", training.id), now=now, kind=kind
    )
    return training


def hours_in_year(session: Session, *, year: int) -> dict[int, int]:
    """Hours of training passed in a calendar year by staff id, to hold against `HOURS_A_YEAR`."""
    rows = session.execute(
        select(Training.staff_id, func.sum(Training.hours))
        .where(Training.passed_on.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(Training.staff_id)
    )
    return {staff_id: int(hours) for staff_id, hours in rows}
