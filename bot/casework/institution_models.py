"""Tables of institutions: who may serve where, with how many places and at what price."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db.base import Base, Id, Moment, one_of

ADMISSIONS = {"approval": "批准", "registration": "登记", "filing": "备案"}
"""By what an institution may serve. Source: 攀民政〔2020〕132号 二(四)."""


class Institution(Base):
    """An institution of community rehabilitation, as the directory shows it.

    ``places_taken`` is counted by the database from the open referrals and can never pass
    ``capacity``: whoever takes the last place first has it.
    """

    __tablename__ = "institution"
    __table_args__ = (
        CheckConstraint(one_of("admission", tuple(ADMISSIONS)), name="admission"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("places_taken >= 0 AND places_taken <= capacity", name="places"),
        Index(None, "county_code"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    admission: Mapped[str]
    admission_number: Mapped[str]
    valid_until: Mapped[date | None]
    """The last day of its admission; None where the paper names no end."""
    county_code: Mapped[str]
    """Where it stands."""
    address: Mapped[str]
    telephone: Mapped[str]
    opening_hours: Mapped[str]
    service_forms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Keys of `bot.casework.application_form.SERVICE_FORMS`, without ``any``."""
    capacity: Mapped[int]
    places_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    """False: no longer takes anybody; who is there stays."""
    updated_at: Mapped[Moment]

    counties: Mapped[list[InstitutionCounty]] = relationship(
        lazy="raise", cascade="all, delete-orphan"
    )
    prices: Mapped[list[Price]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="Price.id"
    )

    @property
    def free_places(self) -> int:
        """How many patients it can still take."""
        return self.capacity - self.places_taken


class InstitutionCounty(Base):
    """A county that an institution serves."""

    __tablename__ = "institution_county"
    __table_args__ = (Index(None, "county_code"),)

    institution_id: Mapped[int] = mapped_column(
        ForeignKey("institution.id", ondelete="CASCADE"), primary_key=True
    )
    county_code: Mapped[str] = mapped_column(primary_key=True)


class Price(Base):
    """One line of an institution's open price list. Source: 闽民事〔2023〕86号 三(六)18."""

    __tablename__ = "price"
    __table_args__ = (
        CheckConstraint("fen >= 0", name="fen"),
        Index(None, "institution_id"),
    )

    id: Mapped[Id]
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id", ondelete="CASCADE"))
    item: Mapped[str]
    fen: Mapped[int]
    """In hundredths of a yuan; 0 is free of charge."""
    unit: Mapped[str]
    """天, 次, 月, …"""
