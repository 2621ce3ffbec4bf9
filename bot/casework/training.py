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
from bot.privacy import audit

HOURS_A_YEAR = 20


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
    if hours < 1:
        raise Refused("请填学时。")
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


def trainings_of(session: Session, *, staff_id: int) -> list[Training]:
    """All trainings of a member of staff, newest first."""
    return list(
        session.scalars(
            select(Training)
            .where(Training.staff_id == staff_id)
            .order_by(Training.passed_on.desc(), Training.id.desc())
        )
    )


def hours_in_year(session: Session, *, staff_id: int, year: int) -> int:
    """Hours of training passed in a calendar year, to hold against `HOURS_A_YEAR`."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(Training.hours), 0)).where(
                Training.staff_id == staff_id,
                Training.passed_on.between(date(year, 1, 1), date(year, 12, 31)),
            )
        )
        or 0
    )
