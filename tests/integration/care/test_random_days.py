"""Random days of a family: whatever happens in whatever order, no reminder comes twice or late,
no day has more of them than ordered, and nobody is left untold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.care import closing, doses, people, plans, preferences, queries, release
from bot.care.models import CheckIn, Dose, Escalation, Patient, Plan, PlanVersion
from bot.care.ordering import order_of
from bot.care.reading import read
from bot.care.recurrence import occurrences
from bot.care.sending import Reminders
from bot.casework.errors import Conflict
from bot.clock import LOCAL
from bot.delivery import sending, windows
from bot.delivery.models import Contact, OutboxMessage
from bot.delivery.sending import Verdict
from bot.installation import Installation
from bot.wechat.failures import PlatformUnreachable
from bot.worker import hand_over
from tests.conftest import MovableClock
from tests.integration.care.clockwork import BY, TICKS, Platform, begin, contact, refused, tick

ORDERS = (
    "奥氮平每天晚上8点一片",
    "奥氮平早上8点、晚上8点各一片",
    "奥氮平早饭后、午饭后、晚饭后各一片",
    "奥氮平每天下午3点一片",
    "奥氮平早上8点、早上9点各一片",
    "奥氮平隔一天晚上9点一片",
)
ANCHORS = ("06:30", "08:10", "09:40")
SPANS = (1, 10, 31, 61, 119, 121, 400, 1440)
PATIENT, CARER = "测试本人", "测试女儿"


class Killed(BaseException):
    """The worker's process ends here."""


class Naming(Reminders):
    """The reminder's text names its doses, so that the platform's side can be checked."""

    def recheck(
        self,
        session: Session,
        messages: Sequence[OutboxMessage],
        contacts: Mapping[int, Contact],
        *,
        now: datetime,
    ) -> Mapping[int, Verdict]:
        found = super().recheck(session, messages, contacts, now=now)
        named: dict[int, list[str]] = {}
        for message_id, dose_id in session.execute(
            select(Dose.message_id, Dose.id).where(
                Dose.message_id.in_(found), Dose.state == "due", Dose.window_ends_at > now
            )
        ):
            named.setdefault(message_id, []).append(str(dose_id))
        return {
            message_id: Verdict({"text": "doses " + " ".join(named[message_id])})
            for message_id in found
        }


class Days(RuleBasedStateMachine):
    installation: Installation
    clock: MovableClock

    def __init__(self) -> None:
        super().__init__()
        self.clock.now = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL)
        self.latest = self.clock.now
        self.platform = Platform(self.clock)
        self.snoozes: Counter[int] = Counter()
        self.disturbed = False
        """The plan was edited, paused or moved, or the clock ran back: not every time counts."""

    @initialize(order=st.sampled_from(ORDERS))
    def begin_plan(self, order: str) -> None:
        with self.installation.database.transaction() as session:
            begun, patient = begin(session, order, self.clock(), openid=CARER)
            self.plan_id, self.patient_id = begun.plan.id, patient.id
            own = contact(session, PATIENT, self.clock())
            people.remind(
                session,
                patient_id=patient.id,
                contact_id=own.id,
                themselves=True,
                by=BY,
                now=self.clock(),
            )

    # -- time and machines

    @rule(minutes=st.sampled_from(SPANS))
    def time_passes(self, minutes: int) -> None:
        self.clock.move(minutes=minutes)
        self.latest = max(self.latest, self.clock.now)

    @rule(minutes=st.integers(0, 40))
    def the_next_time_comes(self, minutes: int) -> None:
        """Soon after it the ordinary thing happens: it is released and sent."""
        self._to_the_next_time(minutes)
        self._deliver()

    @rule(minutes=st.sampled_from((7, 90, 700)))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.clock.move(minutes=-minutes)
        self.disturbed = True

    @rule(which=st.permutations(range(len(TICKS))), most=st.integers(1, len(TICKS)))
    def a_scheduler_ticks(self, which: list[int], most: int) -> None:
        tick(self.installation, *(TICKS[number] for number in which[:most]))

    @rule()
    def two_schedulers_tick_at_once(self) -> None:
        with ThreadPoolExecutor(2) as both:
            for _ in both.map(lambda _: tick(self.installation), range(2)):
                pass

    @rule()
    def a_scheduler_dies_before_its_commit(self) -> None:
        with pytest.raises(Killed):
            self._tick_and_die()

    @rule()
    def a_worker_delivers(self) -> None:
        self._deliver()

    @rule(after=st.booleans())
    def a_worker_dies_at_the_call(self, after: bool) -> None:
        """Before the platform took the message, or between that and the record."""
        self._to_the_next_time(1)
        send = self.platform.send_text

        def die(openid: str, words: str) -> None:
            if after:
                send(openid, words)
            raise Killed

        self.platform.send_text = die  # type: ignore[method-assign]
        try:
            self._deliver()
        except Killed:
            note("killed")
        finally:
            self.platform.send_text = send  # type: ignore[method-assign]
        self._deliver()  # by the worker that takes its place

    @rule(
        failure=st.sampled_from(
            (
                refused(-1),
                refused(45015),
                PlatformUnreachable("timeout", call="custom/send", sent=None),
                PlatformUnreachable("refused", call="custom/send", sent=False),
            )
        )
    )
    def the_platform_fails_once(self, failure: Exception) -> None:
        self.platform.failures.append(failure)

    # -- people

    @rule()
    def they_write(self) -> None:
        with self.installation.database.transaction() as session:
            for one in session.scalars(select(Contact)):
                windows.person_wrote(one, now=self.clock())
                one.subscribed = True

    @rule(outcome=st.sampled_from(("taken", "vomited", "refused", "skipped")), pick=st.integers(0))
    def somebody_checks_in(self, outcome: str, pick: int) -> None:
        with self.installation.database.transaction() as session:
            if one := self._pick(session, pick):
                doses.check_in(session, dose_ids=[one], outcome=outcome, by=BY, now=self.clock())

    @rule(pick=st.integers(0))
    def somebody_takes_it_back(self, pick: int) -> None:
        with self.installation.database.transaction() as session:
            if one := self._pick(session, pick):
                doses.undo(session, dose_ids=[one], by=BY, now=self.clock())

    @rule(minutes=st.sampled_from(doses.SNOOZES), pick=st.integers(0))
    def somebody_snoozes(self, minutes: int, pick: int) -> None:
        with self.installation.database.transaction() as session:
            one = self._pick(session, pick)
            if one is None:
                return
            try:
                doses.snooze(session, dose_ids=[one], minutes=minutes, by=BY, now=self.clock())
            except Conflict:
                return
            self.snoozes[one] += 1

    @rule(words=st.sampled_from(ORDERS))
    def the_doctor_changes_it(self, words: str) -> None:
        """Often just after a dose, and the next one comes by the new order."""
        self.disturbed = True
        self._to_the_next_time(5)
        self._deliver()
        with self.installation.database.transaction() as session:
            plan = session.get_one(Plan, self.plan_id)
            patient = session.get_one(Patient, self.patient_id)
            (reading,) = read(words)
            plans.change_plan(
                session,
                plan_id=plan.id,
                version=plan.version,
                order=order_of(reading, habits=people.habits_of(patient), now=self.clock()),
                ordered_by="测试医生",
                by=BY,
                now=self.clock(),
            )
        self._to_the_next_time(5)
        self._deliver()

    @rule(on=st.booleans())
    def hospital_or_home(self, on: bool) -> None:
        self.disturbed = True
        act = plans.resume_plans if on else plans.pause_plans
        with self.installation.database.transaction() as session:
            act(session, patient_id=self.patient_id, by=BY, now=self.clock())

    @rule(clock=st.sampled_from(ANCHORS))
    def breakfast_moves(self, clock: str) -> None:
        self.disturbed = True
        with self.installation.database.transaction() as session:
            preferences.set_preferences(
                session,
                patient_id=self.patient_id,
                anchors={"after_breakfast": clock},
                by=BY,
                now=self.clock(),
            )

    # -- what always holds

    @invariant()
    def never_twice_and_never_late(self) -> None:
        sent: Counter[int] = Counter()
        with self.installation.database.transaction() as session:
            ends = dict(session.execute(select(Dose.id, Dose.window_ends_at)).all())
        for moment, _, words in self.platform.sent:
            if words.startswith("doses "):
                for one in map(int, words.split()[1:]):
                    sent[one] += 1
                    assert moment < ends[one], f"dose {one} was sent late"
        for one, times in sent.items():
            assert times <= 1 + self.snoozes[one], f"dose {one} was sent {times} times"

    @invariant()
    def no_day_has_more_than_ordered(self) -> None:
        with self.installation.database.transaction() as session:
            most = max(
                (
                    len(schedule["times"])
                    for schedule in session.scalars(select(PlanVersion.schedule))
                ),
                default=0,
            )
            sent = {
                int(one)
                for _, _, words in self.platform.sent
                if words.startswith("doses ")
                for one in words.split()[1:]
            }
            days = Counter(
                day
                for one, day, state, reason in session.execute(
                    select(Dose.id, Dose.local_date, Dose.state, Dose.reason)
                )
                if one in sent and not (state == "skipped" and reason)
            )
        assert all(count <= most for count in days.values()), days

    @precondition(lambda self: not self.disturbed)
    @invariant()
    def the_day_shown_is_the_day_ordered(self) -> None:
        with self.installation.database.transaction() as session:
            shown = queries.today(session, patient_id=self.patient_id, now=self.clock())
            keys = [(one.local_date, one.slot) for one in shown]
        assert len(keys) == len(set(keys))

    def teardown(self) -> None:
        """Days later, with everything running, nothing is open and nobody is untold."""
        try:
            self._settle()
        finally:
            with self.installation.database.transaction() as session:
                session.execute(text("TRUNCATE contact, patient CASCADE"))
                session.execute(text("TRUNCATE pgqueuer"))

    def _settle(self) -> None:
        self.platform.failures.clear()
        self.clock.now = max(self.latest, self.clock.now)
        for _ in range(6):
            self.clock.move(hours=9)
            for _ in range(2):
                tick(self.installation)
                self._deliver()
        self.never_twice_and_never_late()
        with self.installation.database.transaction() as session:
            rows = session.scalars(select(Dose)).all()
            assert all(
                dose.state in ("taken", "missed", "skipped") or (dose.window_ends_at > self.clock())
                for dose in rows
            )
            told = set(
                session.scalars(select(Escalation.moment).where(Escalation.level == "caregiver"))
            )
            answered = set(
                session.scalars(select(CheckIn.dose_id).where(CheckIn.undone_at.is_(None)))
            )
            for dose in rows:
                if (
                    (dose.state, dose.reason) == ("missed", "no_answer")
                    and dose.id not in answered
                    and dose.window_ends_at < self.clock() - timedelta(hours=20)
                ):
                    assert dose.due_at in told, f"nobody was told of dose {dose.id}"
            if not self.disturbed:
                self._nothing_dropped(session, rows)

    def _nothing_dropped(self, session: Session, rows: Sequence[Dose]) -> None:
        """Every time ordered has its dose, whether anybody could be reminded or not."""
        version = session.scalars(select(PlanVersion)).one()
        (view,) = queries.plans_of(session, patient_id=self.patient_id)
        patient = session.get_one(Patient, self.patient_id)
        ordered = set()
        for one in occurrences(view.schedule, people.habits_of(patient), after=version.starts_at):
            if one.due_at > self.clock():
                break
            ordered.add((one.local_date, one.slot))
        noted = {(dose.local_date, dose.slot) for dose in rows}
        far = self.clock().astimezone(LOCAL).date() - timedelta(13)
        assert {one for one in ordered if one[0] > far} <= noted

    def _to_the_next_time(self, minutes: int) -> None:
        with self.installation.database.transaction() as session:
            next_due = session.get_one(Plan, self.plan_id).next_due
            for one in session.scalars(select(Contact)):
                windows.person_wrote(one, now=self.clock())
        if next_due is not None:
            self.clock.now = max(self.clock.now, next_due + timedelta(minutes=minutes))
            self.latest = max(self.latest, self.clock.now)
        tick(self.installation, release.release_due)

    def _tick_and_die(self) -> None:
        with self.installation.database.transaction() as session:
            release.release_due(session, now=self.clock())
            closing.close_windows(session, now=self.clock())
            closing.tell_caregivers(session, now=self.clock())
            raise Killed

    def _pick(self, session: Session, pick: int) -> int | None:
        ids = session.scalars(select(Dose.id).order_by(Dose.id)).all()
        return ids[pick % len(ids)] if ids else None

    def _deliver(self) -> None:
        delivery = sending.Delivery(
            self.installation.database, self.platform, hand_over, self.clock, Naming()
        )
        with self.installation.database.transaction() as session:
            waiting = session.scalars(
                select(OutboxMessage.contact_id)
                .where(OutboxMessage.state.in_(("queued", "sending")))
                .distinct()
            ).all()
        sending.deliver_many(delivery, waiting)


def test_random_days(installation: Installation, clock: MovableClock) -> None:
    machine = type("Case", (Days,), {"installation": installation, "clock": clock})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
