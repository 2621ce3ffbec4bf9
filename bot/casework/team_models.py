"""Tables of teams: office hours, the working calendar, staff's training."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, Id, Moment, one_of

TRAINING_KINDS = {"needs_assessment": "康复需求评估能力培训", "yearly": "年度专业培训"}
"""Source: 闽民事〔2023〕86号 三(四)13."""


class Training(Base):
    """A training that a member of staff has passed.

    Whoever signs a needs assessment needs one in needs assessment that is valid that day.
    """

    __tablename__ = "training"
    __table_args__ = (
        CheckConstraint(one_of("kind", tuple(TRAINING_KINDS)), name="kind"),
        CheckConstraint("valid_until >= passed_on", name="validity"),
        CheckConstraint("hours > 0", name="hours"),
        Index(None, "staff_id", "kind", "valid_until"),
        Index(None, "valid_until"),
    )

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str]
    passed_on: Mapped[date]
    valid_until: Mapped[date]
    hours: Mapped[int]
    certificate_number: Mapped[str]
    recorded_by: Mapped[str]


class Team(Base):
    """A group of staff with its counties, office hours and lunch break.

    The team without counties (`id` 1, made with the installation) works for all others.
    """

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint("opens < closes", name="hours"),
        CheckConstraint(
            "lunch_from <= lunch_to AND opens <= lunch_from AND lunch_to <= closes", name="lunch"
        ),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    opens: Mapped[time]
    closes: Mapped[time]
    lunch_from: Mapped[time]
    lunch_to: Mapped[time]
    """Equal to ``lunch_from``: no break."""


class TeamCounty(Base):
    """A county that a team works for; a county has one team."""

    __tablename__ = "team_county"

    county_code: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))


class CalendarDay(Base):
    """A day that an administrator set: it outweighs the public calendar."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    note: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[Moment]
