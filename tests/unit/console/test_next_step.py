from __future__ import annotations

from itertools import product

import pytest

from bot.casework.models import Case, Ticket
from bot.casework.stages import CASE_STAGES, STEPS, TICKET_STATES
from bot.console import next_step
from bot.console.case_actions import ACTIONS
from bot.console.case_course import Offer
from bot.console.sessions import SignedIn

ME = SignedIn(staff_id=1, session_id=1, display_name="测试李梅", role="social_worker")
SUPERVISOR = SignedIn(staff_id=2, session_id=2, display_name="测试督导", role="supervisor")
STEP_OF_ACTION = {
    "claim": "claim",
    "accept": "accept_for_assessment",
    "return": "return_for_correction",
}


def case(stage: str, assigned_to: int | None, *, awaits_guardian: bool = False) -> Case:
    return Case(stage=stage, assigned_to=assigned_to, awaits_guardian=awaits_guardian)


@pytest.mark.parametrize(
    ("stage", "who", "assigned_to"), list(product(CASE_STAGES, (ME, SUPERVISOR), (None, 1, 9)))
)
def test_a_button_is_shown_only_where_its_step_starts(
    stage: str, who: SignedIn, assigned_to: int | None
) -> None:
    step = next_step.of_case(case(stage, assigned_to), who, owner="测试王")
    assert step.title
    assert step.sentence
    for action in step.actions:
        assert stage in STEPS[STEP_OF_ACTION[action]].sources
        if action != "claim":
            assert who is SUPERVISOR or assigned_to == who.staff_id


def test_who_is_in_charge_may_decide_the_review() -> None:
    step = next_step.of_case(case("in_review", 1), ME, owner="测试李梅")
    assert step.actions == ("accept", "return")
    assert "督导" not in step.title


def test_a_supervisor_is_told_whose_case_it_is() -> None:
    step = next_step.of_case(case("in_review", 1), SUPERVISOR, owner="测试李梅")
    assert "测试李梅负责" in step.title


def test_a_missing_guardian_is_called_to_mind() -> None:
    step = next_step.of_case(case("in_review", 1, awaits_guardian=True), ME, owner=None)
    assert "监护人" in step.sentence


def test_registration_is_never_claimed_before_it_is_there() -> None:
    first = Offer("assess_needs", ACTIONS["assess_needs"])
    step = next_step.of_case(case("accepted_for_assessment", 1), ME, owner=None, first=first)
    assert "还没有在国家平台登记" in step.sentence


@pytest.mark.parametrize("state", TICKET_STATES)
@pytest.mark.parametrize("owner_id", [1, 9])
def test_tickets(state: str, owner_id: int) -> None:
    ticket = Ticket(kind="ask_human", state=state, owner_id=None if state == "open" else owner_id)
    expected: dict[tuple[str, int], tuple[str, ...]] = {
        ("open", 1): ("claim",),
        ("open", 9): ("claim",),
        ("claimed", 1): ("settle",),
    }
    step = next_step.of_ticket(ticket, ME, owner="测试王")
    assert step.actions == expected.get((state, owner_id), ())


def test_a_crisis_begins_with_the_telephone() -> None:
    step = next_step.of_ticket(Ticket(kind="crisis", state="open"), ME, owner=None)
    assert "先打电话" in step.title
    assert all(line in step.sentence for line in ("120", "110", "12356"))
