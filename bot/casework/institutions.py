"""The directory of institutions: keeping it, and finding one near home.

Sources: 闽民事〔2023〕86号 三(二)6 (dispatch), 三(三)11 (forms of service), 三(六)18 (open
prices); 攀民政〔2020〕132号 二(四) (no service without approval, registration or filing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from bot import places
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.course_models import NeedsAssessment, Referral
from bot.casework.errors import Conflict, Refused
from bot.casework.institution_models import ADMISSIONS, Institution, InstitutionCounty, Price
from bot.casework.models import Application, Case
from bot.clock import LOCAL
from bot.privacy import audit

SHOWN_AT_MOST = 20
SEPARATORS = "、,，;；\n"
"""Between the items of a list that is typed into one field."""
OFFERED_FORMS = tuple(form for form in SERVICE_FORMS if form != "any")


@dataclass(frozen=True)
class PriceLine:
    """One open price."""

    item: str
    fen: int
    unit: str

    @property
    def text(self) -> str:
        """``日间训练 35元/天``; 0 is said as 免费."""
        yuan = f"{self.fen / 100:.2f}".rstrip("0").rstrip(".")
        return f"{self.item} {f'{yuan}元/{self.unit}' if self.fen else '免费'}"


@dataclass(frozen=True)
class Entry:
    """Everything about an institution that people enter; checked by `wrong_with`."""

    name: str
    admission: str
    admission_number: str
    valid_until: date | None
    county_code: str
    counties: tuple[str, ...]
    address: str
    telephone: str
    opening_hours: str
    service_forms: tuple[str, ...]
    capacity: int
    prices: tuple[PriceLine, ...]
    active: bool = True


@dataclass(frozen=True)
class Proposal:
    """An institution that could take a patient, and what speaks for it."""

    institution: Institution
    fitting_forms: tuple[str, ...]
    """The wished forms of service that it offers."""
    in_county: bool
    """It stands in the patient's own county."""
    declined: bool
    """It has declined this patient before."""


@dataclass(frozen=True)
class Card:
    """What families see of an institution: no numbers of patients, only whether there is room."""

    name: str
    address: str
    telephone: str
    opening_hours: str
    forms: tuple[str, ...]
    """In words."""
    prices: tuple[str, ...]
    """In words; empty when the institution has told none."""
    admission: str
    """``备案：闽…号``."""
    has_room: bool


def wrong_with(entry: Entry) -> list[str]:
    """Everything that is wrong with an entry, a sentence each; empty when it can be saved."""
    wrong = [
        f"{label}没有填。"
        for label, value in (
            ("名称", entry.name),
            ("编号", entry.admission_number),
            ("地址", entry.address),
            ("电话", entry.telephone),
            ("开放时间", entry.opening_hours),
        )
        if not value.strip()
    ]
    if entry.admission not in ADMISSIONS:
        wrong.append(f"依据要填{'、'.join(ADMISSIONS.values())}中的一个。")
    for code in dict.fromkeys((entry.county_code, *entry.counties)):
        place = places.get(code)
        if place is None or place.level == "province":
            wrong.append(f"“{code}”不是县（区、市）。")
    if not entry.counties:
        wrong.append("没有填服务哪些县（区、市）。")
    if not entry.service_forms or not set(entry.service_forms) <= set(OFFERED_FORMS):
        wrong.append("服务形式没有填，或者不在列出的几种里。")
    if not 0 <= entry.capacity <= 100_000:
        wrong.append("名额要填0以上的整数。")
    wrong += [
        f"价目“{price.item}”不对。"
        for price in entry.prices
        if not price.item.strip() or not price.unit.strip() or not 0 <= price.fen < 10**9
    ]
    if any(set(SEPARATORS + "：/") & set(price.item + price.unit) for price in entry.prices):
        wrong.append("价目的名称和单位里不要用标点，一项一项分开填。")
    return wrong


def save_institution(
    session: Session, *, institution_id: int | None, entry: Entry, by: str, now: datetime
) -> Institution:
    """Add an institution, or replace what is known of one.

    Raises `Refused` for an entry that is wrong, a name that another has, or fewer places than
    are taken.
    """
    if wrong := wrong_with(entry):
        raise Refused(wrong[0])
    same_name = session.scalar(select(Institution.id).where(Institution.name == entry.name.strip()))
    if same_name is not None and same_name != institution_id:
        raise Refused(f"名录里已经有“{entry.name.strip()}”了。")
    institution = None
    if institution_id is not None:
        institution = session.scalar(
            select(Institution)
            .where(Institution.id == institution_id)
            .options(selectinload(Institution.counties), selectinload(Institution.prices))
            .with_for_update(of=Institution)
            .execution_options(populate_existing=True)
        )
        if institution is None:
            raise Conflict("找不到这家机构。")
        if entry.capacity < institution.places_taken:
            raise Refused(f"已经有{institution.places_taken}人在这里，名额不能比这更少。")
    else:
        institution = Institution(counties=[], prices=[])
        session.add(institution)
    institution.name = entry.name.strip()
    institution.admission = entry.admission
    institution.admission_number = entry.admission_number.strip()
    institution.valid_until = entry.valid_until
    institution.county_code = entry.county_code
    institution.address = entry.address.strip()
    institution.telephone = entry.telephone.strip()
    institution.opening_hours = entry.opening_hours.strip()
    institution.service_forms = list(entry.service_forms)
    institution.capacity = entry.capacity
    institution.active = entry.active
    institution.updated_at = now
    kept = {row.county_code: row for row in institution.counties}
    institution.counties = [
        kept.get(code) or InstitutionCounty(county_code=code)
        for code in dict.fromkeys(entry.counties)
    ]
    if [(p.item, p.fen, p.unit) for p in institution.prices] != [
        (p.item, p.fen, p.unit) for p in entry.prices
    ]:
        institution.prices = [
            Price(item=price.item.strip(), fen=price.fen, unit=price.unit.strip())
            for price in entry.prices
        ]
    session.flush()
    audit.record(
        session, by=by, action="institution.save", on=("institution", institution.id), now=now
    )
    return institution


def directory(session: Session, *, region: str | None = None) -> list[Institution]:
    """All institutions that serve a county, city or province (None: all), by name."""
    wanted = select(Institution).options(
        selectinload(Institution.counties), selectinload(Institution.prices)
    )
    if region is not None:
        wanted = wanted.where(_serves(region))
    return list(session.scalars(wanted.order_by(Institution.name)))


def propose_institutions(session: Session, *, case: Case, now: datetime) -> list[Proposal]:
    """Institutions that can take the patient now: admitted, serving the county, with room.

    Best first: has not declined before, in the patient's county, more of the wished forms of
    service, more free places. The social worker decides.
    """
    wished = _wished_forms(session, case)
    declined = set(
        session.scalars(
            select(Referral.institution_id).where(
                Referral.case_id == case.id, Referral.state == "declined"
            )
        )
    )
    found = session.scalars(
        select(Institution)
        .where(
            _serves(case.county_code),
            _admitted(now),
            Institution.places_taken < Institution.capacity,
        )
        .options(selectinload(Institution.counties), selectinload(Institution.prices))
    )
    proposals = [
        Proposal(
            institution=institution,
            fitting_forms=tuple(form for form in wished if form in institution.service_forms),
            in_county=institution.county_code == case.county_code,
            declined=institution.id in declined,
        )
        for institution in found
    ]
    proposals.sort(
        key=lambda p: (
            p.declined,
            not p.in_county,
            -len(p.fitting_forms),
            -p.institution.free_places,
            p.institution.name,
        )
    )
    return proposals[:SHOWN_AT_MOST]


def institutions_near(session: Session, *, region: str, now: datetime) -> list[Card]:
    """Cards for "附近有什么机构": who serves a county (or a city, a province), with open prices.

    Only institutions whose admission is valid; those that stand in the region come first, then
    those with room.
    """
    found = session.scalars(
        select(Institution)
        .where(_serves(region), _admitted(now))
        .options(selectinload(Institution.prices))
    )
    near = sorted(
        found,
        key=lambda i: (
            not places.is_within(i.county_code, region),
            i.free_places <= 0,
            i.name,
        ),
    )
    return [_card(institution) for institution in near[:SHOWN_AT_MOST]]


def entry_of(institution: Institution) -> Entry:
    """An institution as people enter it; its counties and prices are loaded."""
    return Entry(
        name=institution.name,
        admission=institution.admission,
        admission_number=institution.admission_number,
        valid_until=institution.valid_until,
        county_code=institution.county_code,
        counties=tuple(sorted(row.county_code for row in institution.counties)),
        address=institution.address,
        telephone=institution.telephone,
        opening_hours=institution.opening_hours,
        service_forms=tuple(institution.service_forms),
        capacity=institution.capacity,
        prices=tuple(PriceLine(p.item, p.fen, p.unit) for p in institution.prices),
        active=institution.active,
    )


def _card(institution: Institution) -> Card:
    return Card(
        name=institution.name,
        address=institution.address,
        telephone=institution.telephone,
        opening_hours=institution.opening_hours,
        forms=tuple(SERVICE_FORMS[form] for form in institution.service_forms),
        prices=tuple(PriceLine(p.item, p.fen, p.unit).text for p in institution.prices),
        admission=f"{ADMISSIONS[institution.admission]}：{institution.admission_number}",
        has_room=institution.free_places > 0,
    )


def _serves(region: str) -> ColumnElement[bool]:
    """Serves a county, or any county of a larger region."""
    below = (region, *places.counties(region))
    return Institution.id.in_(
        select(InstitutionCounty.institution_id).where(InstitutionCounty.county_code.in_(below))
    )


def _admitted(now: datetime) -> ColumnElement[bool]:
    today = now.astimezone(LOCAL).date()
    return Institution.active & or_(
        Institution.valid_until.is_(None), Institution.valid_until >= today
    )


def _wished_forms(session: Session, case: Case) -> Sequence[str]:
    """What the assessment found fitting; before it, what the family wished."""
    assessed = session.scalar(
        select(NeedsAssessment)
        .where(NeedsAssessment.case_id == case.id)
        .order_by(NeedsAssessment.id.desc())
        .limit(1)
    )
    if assessed is not None and assessed.service_forms:
        wished: Sequence[str] = assessed.service_forms
    else:
        application = session.get_one(Application, case.application_id)
        wished = application.answers.get("service_forms") or ()
    return OFFERED_FORMS if "any" in wished else wished
