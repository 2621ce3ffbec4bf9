"""Conditions of the steps: small predicates, each with one sentence that says what is missing.

Pure: they look at `Facts` and know neither database nor page. Sentences are Chinese, for staff.
The gravest of them are held by the database too (migration 0004), so that no other way around
them exists.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot import places
from bot.casework.course_models import (
    DOCUMENT_KINDS,
    SIGNERS,
    Referral,
    ServicePeriod,
)
from bot.casework.institution_models import ADMISSIONS, Institution
from bot.casework.models import Case, Staff
from bot.casework.stages import INSTITUTION, Step
from bot.clock import LOCAL

RECHECK_AFTER_MONTHS = 3
"""Source: 闽民事〔2023〕86号 三(二)6."""
IN_CHARGE_ROLES = ("social_worker", "supervisor")


@dataclass(frozen=True)
class Facts:
    """What the conditions of a case's steps look at."""

    case: Case
    today: date
    """In China."""
    staff: Staff | None = None
    """Who wants to act; None for the family."""
    consents: Mapping[str, str] = field(default_factory=dict)
    """Purpose to the newest decision's state."""
    trained_until: date | None = None
    """Last day of the acting member of staff's newest training in needs assessment."""
    referral: Referral | None = None
    """The open referral."""
    institution: Institution | None = None
    """Where it leads."""
    signed: frozenset[tuple[str, str]] = frozenset()
    """(document, signer) of the open referral."""
    period: ServicePeriod | None = None
    ready_to_leave: bool = False
    """The newest periodic assessment of the open service period says so."""
    chosen: Institution | None = None
    """The institution that a referral is to go to, once it is chosen."""
    chosen_counties: frozenset[str] = frozenset()


Condition = Callable[[Facts], str | None]
"""What is missing, in one sentence; None when nothing is."""


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def recheck_due_on(case: Case) -> date | None:
    """The last day on which a referral needs no recheck; None before the needs assessment."""
    return recheck_due_after(case.examined_at) if case.examined_at else None


def recheck_due_after(examined_at: datetime) -> date:
    """Three months after willingness and situation were examined."""
    return months_later(examined_at.astimezone(LOCAL).date(), RECHECK_AFTER_MONTHS)


def needed_signatures(case: Case) -> tuple[tuple[str, str], ...]:
    """(document, signer) that must be there before service starts, in the order of signing."""
    people = [
        signer
        for signer, needed in (
            ("patient", case.patient_needed),
            ("guardian", case.guardian_needed),
        )
        if needed
    ]
    return (
        *(("consent_form", signer) for signer in people),
        *(("service_agreement", signer) for signer in (*people, "institution")),
    )


def patient_agrees(facts: Facts) -> str | None:
    if not facts.case.patient_needed or facts.consents.get("rehabilitation_patient") == "given":
        return None
    if facts.consents.get("rehabilitation_patient") == "reported":
        return "患者本人的同意是家属转述的，要当面再问本人。"
    return "还缺患者本人的同意。"


def guardian_agrees(facts: Facts) -> str | None:
    if not facts.case.guardian_needed or facts.consents.get("rehabilitation_guardian") == "given":
        return None
    return "还缺监护人的同意。"


def somebody_decides(facts: Facts) -> str | None:
    if facts.case.patient_needed or facts.case.guardian_needed:
        return None
    return "不满14岁的孩子，要先找到监护人。"


def signer_is_trained(facts: Facts) -> str | None:
    if facts.trained_until is None:
        return "您没有康复需求评估培训的记录，不能签需求评估，请培训过的同事来做。"
    if facts.trained_until < facts.today:
        return f"您的康复需求评估培训到{_day(facts.trained_until)}就过期了，续上以后才能签。"
    return None


def examined_within_three_months(facts: Facts) -> str | None:
    last = recheck_due_on(facts.case)
    if last is None:
        return "还没有做需求评估。"
    if last < facts.today:
        return f"等了超过三个月（到{_day(last)}），转介前要再次审核意愿和实际情况。"
    return None


def institution_is_admitted(facts: Facts) -> str | None:
    place = facts.chosen or facts.institution
    if place is None:
        return None
    if not place.active:
        return f"“{place.name}”已经停止接收。"
    if not place.admission_number.strip():
        return f"“{place.name}”没有批准、登记或备案的编号，不能服务。"
    if place.valid_until is not None and place.valid_until < facts.today:
        admission = ADMISSIONS[place.admission]
        return f"“{place.name}”的{admission}到{_day(place.valid_until)}就过期了。"
    return None


def institution_serves_county(facts: Facts) -> str | None:
    if facts.chosen is None or facts.case.county_code in facts.chosen_counties:
        return None
    county = places.get(facts.case.county_code)
    return f"“{facts.chosen.name}”不服务{county.name if county else '患者住的地方'}。"


def institution_has_place(facts: Facts) -> str | None:
    if facts.chosen is None or facts.chosen.free_places > 0:
        return None
    return f"“{facts.chosen.name}”现在没有空位，换一家或者再等等。"


def everybody_has_signed(facts: Facts) -> str | None:
    missing = [pair for pair in needed_signatures(facts.case) if pair not in facts.signed]
    if not missing:
        return None
    listed = "、".join(f"{DOCUMENT_KINDS[kind]}（{SIGNERS[signer]}）" for kind, signer in missing)
    return f"签齐了才能开始服务，还缺签字：{listed}。"


def assessment_says_leave(facts: Facts) -> str | None:
    if facts.ready_to_leave:
        return None
    return "最近一次定期评估没有说可以转出，先做评估。"


CONDITIONS: dict[str, tuple[Condition, ...]] = {
    "assess_needs": (signer_is_trained,),
    "register": (somebody_decides, patient_agrees, guardian_agrees),
    "refer": (
        somebody_decides,
        patient_agrees,
        guardian_agrees,
        examined_within_three_months,
        institution_is_admitted,
        institution_serves_county,
        institution_has_place,
    ),
    "accept_referral": (patient_agrees, guardian_agrees, institution_is_admitted),
    "start_service": (
        patient_agrees,
        guardian_agrees,
        everybody_has_signed,
        institution_is_admitted,
    ),
    "prepare_leaving": (assessment_says_leave,),
}
"""What each step needs beside its stage; steps that are not here need nothing more."""


def not_theirs(step: Step, facts: Facts) -> str | None:
    """Why this member of staff may not take a step, or None."""
    staff = facts.staff
    if staff is None or step.name == "claim":
        return None
    if staff.role == "institution_staff":
        if step.who != INSTITUTION:
            return "这一步由社工来做。"
        if facts.institution is None or staff.institution_id != facts.institution.id:
            return "这位服务对象不在您的机构。"
        return None
    if staff.role not in IN_CHARGE_ROLES:
        return "这一步由社工来做。"
    if facts.case.assigned_to != staff.id and staff.role != "supervisor":
        return "这份申请由另一位同事负责，只有本人或督导可以操作。"
    return None


def missing(step: Step, facts: Facts) -> tuple[str, ...]:
    """Every missing condition of a step; empty when it can be taken."""
    return tuple(
        sentence
        for condition in CONDITIONS.get(step.name, ())
        if (sentence := condition(facts)) is not None
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
