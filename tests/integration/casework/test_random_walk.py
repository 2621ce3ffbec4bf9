"""Random steps by random people: whatever is tried, the invariants hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from bot.casework import assessments, cases, conditions, leaving, referrals, service, signing, steps
from bot.casework.course_models import Closure, Referral, ServicePeriod
from bot.casework.errors import Refused
from bot.casework.institution_models import Institution
from bot.casework.models import Case, CaseEvent, Staff
from bot.casework.stages import AT_INSTITUTION, CLOSED_STAGES, PAIRS, SERVED_STAGES, STEPS
from bot.clock import LOCAL
from bot.installation import Installation
from bot.privacy.models import AuditEvent
from tests.integration.casework.town import HULI, SIMING, TERMS, Town

WHICH = st.integers(0, 2)
OUT_OF_THE_WAY = ("reopen", "withdraw", "end", "return_for_correction", "refuse")


@pytest.mark.timeout(120)
def test_random_walks(installation: Installation, clock: Any) -> None:
    town = Town(installation)
    untrained = town.staff("supervisor")

    class Walk(RuleBasedStateMachine):
        """Three cases, two institutions with few places, staff of every sort."""

        @initialize(
            starts=st.permutations(
                ("submitted", "waiting", "referred", "signing", "in_service", "leaving")
            )
        )
        def begin(self, starts: list[str]) -> None:
            town.train(town.worker)  # time passes between the walks
            self.places = [
                town.institution(capacity=2, counties=(SIMING, HULI)),
                town.institution(capacity=3),
            ]
            self.members = [
                town.staff("institution_staff", institution_id=place.id) for place in self.places
            ]
            self.cases = [
                town.bring_to(stage, institution=place)
                for stage, place in zip(starts[:3], [*self.places, self.places[1]], strict=True)
            ]
            self.staff = [town.worker, town.supervisor, untrained, *self.members]
            self.seen = {case.id: case.version for case in self.cases}

        @rule(which=WHICH, who=st.integers(0, 4), name=st.sampled_from(sorted(STEPS)))
        def step(self, which: int, who: int, name: str) -> None:
            self._try(which, who, name)

        @rule(which=WHICH)
        def the_usual_way(self, which: int) -> None:
            """What the desk would do next: walks get far."""
            case, worker = self.cases[which], town.worker
            with town.transaction() as session:
                found = steps.next_steps(
                    session,
                    case=session.get_one(Case, case.id),
                    staff=session.get_one(Staff, worker.id),
                    now=town.now,
                )
            for possible in found:
                if possible.ready and possible.step.name not in OUT_OF_THE_WAY:
                    self._try(which, 0, possible.step.name)
                    return

        @rule(which=WHICH, agrees=st.booleans(), role=st.sampled_from(("patient", "guardian")))
        def decide(self, which: int, agrees: bool, role: str) -> None:
            with self._refusable():
                town.agrees(self.cases[which], role, agrees=agrees)

        @rule(which=WHICH, role=st.sampled_from(("patient", "guardian")))
        def agree(self, which: int, role: str) -> None:
            with self._refusable():
                town.agrees(self.cases[which], role)

        @rule(which=WHICH)
        def sign(self, which: int) -> None:
            case = self.cases[which]
            with self._refusable():
                town.do(signing.prepare_documents, case, terms=TERMS)
                town.sign_all(case)

        @rule(days=st.integers(1, 45))
        def time_passes(self, days: int) -> None:
            clock.now += timedelta(days=days)

        @rule(which=WHICH, back=st.integers(1, 3))
        def an_old_page(self, which: int, back: int) -> None:
            """A step on a version that is past changes nothing."""
            before = town.case(self.cases[which])
            with pytest.raises(Refused):
                town.do(leaving.reopen, before, version=before.version - back, reason="测试")
            assert town.case(before).version == before.version

        def _try(self, which: int, who: int, name: str) -> None:
            case, staff = town.case(self.cases[which]), self.staff[who]
            with self._refusable():
                if name == "withdraw":
                    with town.transaction() as session:
                        cases.withdraw(session, case_id=case.id, by="contact:1", now=town.now)
                    return
                if name == "resubmit":
                    with town.transaction() as session:
                        cases.resubmit(
                            session, case_id=case.id, text="补", by="contact:1", now=town.now
                        )
                    return
                action, fields = self._action(name, case)
                town.do(action, case, staff=staff, **fields)

        def _action(self, name: str, case: Case) -> tuple[Callable[..., Any], dict[str, Any]]:
            today = town.today
            place = self.places[case.id % 2]
            table: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
                "claim": (cases.claim_case, {}),
                "accept_for_assessment": (cases.accept_for_assessment, {}),
                "return_for_correction": (cases.return_for_correction, {"what": "电话"}),
                "assess_needs": (
                    assessments.assess_needs,
                    {"reasons": "需要", "service_forms": ["day"]},
                ),
                "register": (
                    assessments.register,
                    {"number": f"N{case.id}", "registered_on": today},
                ),
                "recheck": (assessments.recheck, {"situation": "愿意"}),
                "refuse": (assessments.refuse, {"reason": "测试"}),
                "refer": (referrals.refer, {"institution_id": place.id}),
                "accept_referral": (referrals.accept_referral, {}),
                "decline_referral": (referrals.decline_referral, {"reason": "测试"}),
                "assess_together": (
                    referrals.assess_together,
                    {
                        "participants": dict.fromkeys(
                            ("psychiatrist", "nurse", "therapist", "social_worker"), "测试"
                        ),
                        "opinion": "合适",
                    },
                ),
                "start_service": (service.start_service, {}),
                "assess_again": (
                    service.assess_again,
                    {
                        "items": dict.fromkeys(
                            ("effect", "illness", "self_care", "wish_to_work", "ability_to_work"),
                            "稳",
                        ),
                        "ready_to_leave": case.version % 2 == 0,
                    },
                ),
                "go_to_hospital": (service.go_to_hospital, {"signs": "不睡", "hospital": "测试"}),
                "come_back": (service.come_back, {}),
                "prepare_leaving": (
                    leaving.prepare_leaving,
                    {"onward_to": "home", "details": "回家"},
                ),
                "stay_on": (leaving.stay_on, {}),
                "close": (leaving.close, {"closed_on": today}),
                "end": (
                    leaving.end,
                    {"outcome": "unreachable", "reason": "测试", "closed_on": today},
                ),
                "relocate": (leaving.relocate, {"to_county": HULI, "agreed": True}),
                "reopen": (leaving.reopen, {"reason": "测试"}),
            }
            return table[name]

        @contextmanager
        def _refusable(self) -> Iterator[None]:
            """A refusal is a fine answer, when it is a sentence."""
            said = "。"
            try:
                yield
            except Refused as refused:
                said = str(refused)
            assert said.endswith("。")

        @invariant()
        def the_books_agree(self) -> None:
            with town.transaction() as session:
                self._each_case(session)
                self._each_place(session)

        def _each_case(self, session: Any) -> None:
            for case_id, seen in self.seen.items():
                case = session.get_one(Case, case_id)
                assert case.version >= seen
                self.seen[case_id] = case.version
                referral = steps.open_referral(session, case_id)
                period = steps.open_period(session, case_id)
                assert (referral is not None) == (case.stage in AT_INSTITUTION)
                assert (period is not None) == (case.stage in SERVED_STAGES)
                closed = session.scalar(
                    select(func.count()).where(
                        Closure.case_id == case_id, Closure.reopened_at.is_(None)
                    )
                )
                assert closed == (1 if case.stage == "closed" else 0)
                if case.stage in CLOSED_STAGES:
                    assert referral is None
                self._history(session, case)

        def _history(self, session: Any, case: Case) -> None:
            """The audit log tells one unbroken way through the table, and so does the timeline."""
            moves = session.execute(
                select(AuditEvent.action, AuditEvent.details)
                .where(
                    AuditEvent.object_type == "case",
                    AuditEvent.object_id == case.id,
                    AuditEvent.details.has_key("target"),
                )
                .order_by(AuditEvent.id)
            ).all()
            stage = "submitted"
            for action, details in moves:
                assert details["source"] == stage
                stage = details["target"]
                step = STEPS[action.removeprefix("case.")]
                assert step.target is None or (details["source"], stage) in PAIRS
            assert stage == case.stage
            shown = session.scalar(
                select(func.count()).where(CaseEvent.case_id == case.id, CaseEvent.step.in_(STEPS))
            )
            assert shown == len(moves)

        def _each_place(self, session: Any) -> None:
            for place in self.places:
                found = session.get_one(Institution, place.id)
                taken = session.scalar(
                    select(func.count()).where(
                        Referral.institution_id == place.id,
                        Referral.state.in_(("sent", "accepted")),
                    )
                )
                assert found.places_taken == taken <= found.capacity
            for referral, case in session.execute(
                select(Referral, Case).join(Case, Case.id == Referral.case_id)
            ):
                assert referral.sent_at is not None
                assert case.examined_at is not None
            assert not session.scalars(
                select(ServicePeriod.id).where(ServicePeriod.ended_at < ServicePeriod.started_at)
            ).all()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=5,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_three_months_end_on_the_same_day_of_the_month() -> None:
    for day, later in (
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2026, 10, 15), date(2027, 1, 15)),
    ):
        assert conditions.months_later(day, 3) == later
        at_night = datetime(day.year, day.month, day.day, 23, 30, tzinfo=LOCAL)
        assert conditions.recheck_due_after(at_night) == later
