"""Each condition by itself: what is missing is said in one Chinese sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.casework import conditions
from bot.casework.conditions import CONDITIONS, Facts
from bot.casework.course_models import Referral
from bot.casework.institution_models import Institution
from bot.casework.models import Case, Staff
from bot.casework.stages import CASE_STAGES, CLOSED_STAGES, OPEN_STAGES, STAGE_NAMES, STEPS
from bot.clock import LOCAL

TODAY = date(2026, 11, 23)
BOTH = {"rehabilitation_patient": "given", "rehabilitation_guardian": "given"}


def institution(**changes: Any) -> Institution:
    fields: dict[str, Any] = {
        "id": 1,
        "name": "测试站",
        "admission": "filing",
        "admission_number": "1",
        "valid_until": date(2026, 11, 23),
        "capacity": 1,
        "places_taken": 0,
        "active": True,
    }
    return Institution(**{**fields, **changes})


def facts(**changes: Any) -> Facts:
    """Everything is there."""
    case = Case(
        stage="waiting",
        county_code="350203",
        patient_needed=True,
        guardian_needed=True,
        assigned_to=1,
        examined_at=datetime(2026, 8, 23, 23, 0, tzinfo=LOCAL),
    )
    every = Facts(
        case=case,
        today=TODAY,
        staff=Staff(id=1, role="social_worker"),
        consents=BOTH,
        trained_until=TODAY,
        referral=Referral(id=1),
        institution=institution(),
        signed=frozenset(conditions.needed_signatures(case)),
        ready_to_leave=True,
        chosen=institution(),
        chosen_counties=frozenset({"350203"}),
    )
    return replace(every, **changes)


@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_nothing_is_missing_when_everything_is_there(name: str) -> None:
    assert conditions.missing(STEPS[name], facts()) == ()


@pytest.mark.parametrize(
    ("name", "changes", "word"),
    [
        ("assess_needs", {"trained_until": None}, "培训的记录"),
        ("assess_needs", {"trained_until": date(2026, 11, 22)}, "2026年11月22日"),
        ("register", {"consents": {}}, "患者本人的同意"),
        ("register", {"consents": {**BOTH, "rehabilitation_patient": "reported"}}, "转述"),
        ("refer", {"consents": {**BOTH, "rehabilitation_guardian": "withdrawn"}}, "监护人"),
        ("refer", {"today": date(2026, 11, 24)}, "超过三个月（到2026年11月23日）"),
        ("refer", {"chosen": institution(valid_until=date(2026, 11, 22))}, "过期"),
        ("refer", {"chosen": institution(admission_number=" ")}, "编号"),
        ("refer", {"chosen": institution(active=False)}, "停止接收"),
        ("refer", {"chosen_counties": frozenset({"350206"})}, "思明区"),
        ("refer", {"chosen": institution(places_taken=1)}, "没有空位"),
        ("start_service", {"signed": frozenset()}, "知情同意书（患者本人）"),
        (
            "start_service",
            {"institution": institution(valid_until=date(2026, 1, 1)), "chosen": None},
            "过期",
        ),
        ("prepare_leaving", {"ready_to_leave": False}, "先做评估"),
    ],
)
def test_what_is_missing_is_named(name: str, changes: dict[str, Any], word: str) -> None:
    sentence, *_ = conditions.missing(STEPS[name], facts(**changes))
    assert word in sentence
    assert sentence.endswith("。")
    assert sentence.count("。") == 1


def test_every_step_that_has_conditions_exists() -> None:
    assert set(CONDITIONS) <= set(STEPS)


def test_a_child_alone_is_decided_by_nobody() -> None:
    every = facts()
    every.case.patient_needed = every.case.guardian_needed = False
    assert conditions.missing(STEPS["refer"], every)


@pytest.mark.parametrize(
    ("staff", "step", "may"),
    [
        (Staff(id=1, role="social_worker"), "refer", True),
        (Staff(id=2, role="social_worker"), "refer", False),
        (Staff(id=2, role="social_worker"), "claim", True),
        (Staff(id=2, role="supervisor"), "refer", True),
        (Staff(id=3, role="institution_staff", institution_id=1), "assess_together", True),
        (Staff(id=3, role="institution_staff", institution_id=1), "close", False),
        (Staff(id=3, role="institution_staff", institution_id=2), "assess_together", False),
        (Staff(id=3, role="institution_staff", institution_id=None), "assess_together", False),
        (Staff(id=4, role="auditor"), "refer", False),
        (Staff(id=4, role="administrator"), "refer", False),
    ],
)
def test_who_may(staff: Staff, step: str, may: bool) -> None:
    assert (conditions.not_theirs(STEPS[step], facts(staff=staff)) is None) == may


def test_stages_are_whole() -> None:
    assert set(OPEN_STAGES) | set(CLOSED_STAGES) == set(CASE_STAGES) == set(STAGE_NAMES)
    assert not set(OPEN_STAGES) & set(CLOSED_STAGES)
