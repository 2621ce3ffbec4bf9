"""Plans and doses through the database: begun, changed, paused, ended; never one dose too many."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.care import doses, ordering, people, plans, preferences, queries, stock, visits
from bot.care.models import Dose, Patient, Plan, Visit, VisitNotice
from bot.care.reading import read
from bot.casework.errors import Conflict
from bot.casework.models import Ticket
from bot.casework.people import contact_of
from bot.clock import LOCAL
from bot.installation import Installation
from tests.conftest import MovableClock

BY = "contact:1"


def mother(session: Session, now: datetime) -> Patient:
    contact = contact_of(session, openid="测试女儿", now=now)
    return people.patient_called(session, contact_id=contact.id, called="妈妈", by=BY, now=now)


def order(text: str, patient: Patient, now: datetime) -> ordering.Order:
    (reading,) = read(text)
    return ordering.order_of(reading, habits=people.habits_of(patient), now=now)


def begin(session: Session, text: str, now: datetime, *, key: str = "test:1") -> plans.Begun:
    patient = mother(session, now)
    return plans.set_plan(
        session,
        patient_id=patient.id,
        order=order(text, patient, now),
        source_key=key,
        by=BY,
        now=now,
    )


def local(moment: datetime | None) -> str | None:
    return moment.astimezone(LOCAL).strftime("%m-%d %H:%M") if moment else None


def test_begun_once_from_one_message(installation: Installation) -> None:
    with installation.database.transaction() as session:
        first = begin(session, "奥氮平每天早上8点一片", installation.clock())
        again = begin(session, "奥氮平每天早上8点一片", installation.clock())
        assert first.plan.id == again.plan.id
        # It is ten in the morning: today's time has passed.
        assert local(first.next_due) == "11-24 08:00"


@pytest.mark.parametrize(
    ("former", "following", "due"),
    [
        ("奥氮平每天早上8点一片", "奥氮平每天晚上8点一片", "11-24 20:00"),
        ("奥氮平早上8点、晚上8点各一片", "奥氮平早上8点、晚上9点各一片", "11-23 21:00"),
        ("奥氮平早上8点、晚上8点各一片", "奥氮平每天晚上9点一片", "11-24 21:00"),
        ("奥氮平每天晚上8点一片", "奥氮平每天下午3点一片", "11-23 15:00"),
    ],
)
def test_a_moved_plan_gives_no_dose_too_many_and_none_too_few(
    installation: Installation, clock: MovableClock, former: str, following: str, due: str
) -> None:
    clock.now = datetime(2026, 11, 22, 22, 0, tzinfo=LOCAL)
    with installation.database.transaction() as session:
        begun = begin(session, former, clock())
    clock.now = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL)
    with installation.database.transaction() as session:
        plan = session.get_one(Plan, begun.plan.id)
        patient = session.get_one(Patient, plan.patient_id)
        version = plans.version_in_force(session, plan)
        if "早上" in former:
            eight = datetime(2026, 11, 23, 8, 0, tzinfo=LOCAL)
            session.add(
                Dose(
                    plan_id=plan.id,
                    version_id=version.id,
                    patient_id=patient.id,
                    contact_id=patient.reminded_contact_id,
                    local_date=date(2026, 11, 23),
                    slot="08:00",
                    due_at=eight,
                    window_ends_at=eight.replace(hour=10),
                    state="sent",
                )
            )
        changed = plans.change_plan(
            session,
            plan_id=plan.id,
            version=1,
            order=order(following, patient, clock()),
            ordered_by="测试医生",
            by=BY,
            now=clock(),
        )
        assert local(changed.plan.next_due) == due


def test_an_amount_changes_only_with_a_doctor(installation: Installation) -> None:
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平每天晚上8点一片", installation.clock())
        patient = session.get_one(Patient, begun.plan.patient_id)
        for text, allowed in (("奥氮平每天晚上9点一片", True), ("奥氮平每天晚上9点两片", False)):
            change = {
                "plan_id": begun.plan.id,
                "version": begun.plan.version,
                "order": order(text, patient, installation.clock()),
                "ordered_by": None,
                "by": BY,
                "now": installation.clock(),
            }
            if allowed:
                plans.change_plan(session, **change)  # type: ignore[arg-type]
            else:
                with pytest.raises(Conflict):
                    plans.change_plan(session, **change)  # type: ignore[arg-type]


def test_an_old_page_changes_nothing(installation: Installation) -> None:
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平每天晚上8点一片", installation.clock())
        patient = session.get_one(Patient, begun.plan.patient_id)
        with pytest.raises(Conflict):
            plans.change_plan(
                session,
                plan_id=begun.plan.id,
                version=7,
                order=order("奥氮平每天晚上9点一片", patient, installation.clock()),
                ordered_by=None,
                by=BY,
                now=installation.clock(),
            )


def test_pause_ends_by_itself(installation: Installation) -> None:
    now = installation.clock()
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平每天晚上8点一片", now)
        patient_id = begun.plan.patient_id
        plans.pause_plans(
            session, patient_id=patient_id, by=BY, now=now, resume_on=date(2026, 12, 3)
        )
        assert (begun.plan.state, local(begun.plan.next_due)) == ("paused", "12-03 20:00")
        plans.resume_plans(session, patient_id=patient_id, by=BY, now=now)
        assert (begun.plan.state, local(begun.plan.next_due)) == ("active", "11-23 20:00")


def test_death_stops_everything_and_nothing_begins_again(installation: Installation) -> None:
    now = installation.clock()
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平每天晚上8点一片", now)
        patient_id = begun.plan.patient_id
        visits.set_visit(
            session,
            patient_id=patient_id,
            kind="follow_up",
            on_date=date(2026, 12, 1),
            at_time="09:00",
            source_key="test:visit",
            by=BY,
            now=now,
        )
        for _ in range(2):
            plans.stop_everything(session, patient_id=patient_id, why="death", by=BY, now=now)
        assert (begun.plan.state, begun.plan.next_due) == ("ended", None)
        assert set(session.scalars(select(VisitNotice.state))) == {"dropped"}
        assert session.scalars(select(Visit.state)).all() == ["cancelled"]
        with pytest.raises(Conflict):
            begin(session, "奥氮平每天晚上8点一片", now, key="test:2")


def test_own_times_move_the_next_dose(installation: Installation) -> None:
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平晚饭后一片", installation.clock())
        assert local(begun.plan.next_due) == "11-23 18:30"
        preferences.set_preferences(
            session,
            patient_id=begun.plan.patient_id,
            anchors={"after_dinner": "19:10"},
            by=BY,
            now=installation.clock(),
        )
        assert local(begun.plan.next_due) == "11-23 19:10"


def dose(session: Session, begun: plans.Begun, now: datetime, *, state: str = "sent") -> Dose:
    patient = session.get_one(Patient, begun.plan.patient_id)
    made = Dose(
        plan_id=begun.plan.id,
        version_id=plans.version_in_force(session, begun.plan).id,
        patient_id=patient.id,
        contact_id=patient.reminded_contact_id,
        local_date=date(2026, 11, 23),
        slot="10:00",
        due_at=now,
        window_ends_at=now.replace(hour=now.hour + 2),
        state=state,
    )
    session.add(made)
    session.flush()
    return made


def test_check_in_undo_and_late_word(installation: Installation, clock: MovableClock) -> None:
    with installation.database.transaction() as session:
        one = dose(session, begin(session, "奥氮平每天早上10点一片", clock()), clock())
        taken = doses.check_in(session, dose_ids=[one.id], outcome="taken", by=BY, now=clock())
        assert (one.state, taken.late, taken.again) == ("taken", False, False)
        assert doses.check_in(session, dose_ids=[one.id], outcome="taken", by=BY, now=clock()).again
        doses.undo(session, dose_ids=[one.id], by=BY, now=clock())
        assert one.state == "sent"
        doses.check_in(session, dose_ids=[one.id], outcome="refused", by=BY, now=clock())
        assert (one.state, one.outcome) == ("skipped", "refused")
        assert session.scalars(select(Ticket.kind)).all() == ["medication"]
        clock.move(hours=3)
        doses.undo(session, dose_ids=[one.id], by=BY, now=clock())
        assert (one.state, one.reason) == ("missed", "no_answer")
        late = doses.check_in(session, dose_ids=[one.id], outcome="taken", by=BY, now=clock())
        assert late.late
        (count,) = queries.month(session, patient_id=one.patient_id, of=date(2026, 11, 1))
        assert (count.taken, count.late, count.missed) == (0, 1, 0)


def test_a_snooze_never_leads_behind_the_window(
    installation: Installation, clock: MovableClock
) -> None:
    with installation.database.transaction() as session:
        one = dose(session, begin(session, "奥氮平每天早上10点一片", clock()), clock())
        doses.snooze(session, dose_ids=[one.id], minutes=60, by=BY, now=clock())
        assert one.state == "snoozed"
        session.flush()
        one.state = "due"
        session.flush()
        one.state = "sent"
        session.flush()
        clock.move(minutes=100)
        with pytest.raises(Conflict):
            doses.snooze(session, dose_ids=[one.id], minutes=30, by=BY, now=clock())


def test_the_database_holds_the_steps(installation: Installation) -> None:
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平每天早上10点一片", installation.clock())
        one = dose(session, begun, installation.clock(), state="missed")
        one.state = "due"
        with pytest.raises(IntegrityError, match="dose cannot go"):
            session.flush()
        session.rollback()


def test_visit_reminders_move_with_it(installation: Installation) -> None:
    now = installation.clock()
    with installation.database.transaction() as session:
        patient = mother(session, now)
        visit = visits.set_visit(
            session,
            patient_id=patient.id,
            kind="follow_up",
            on_date=date(2026, 12, 1),
            at_time="09:00",
            source_key="test:visit",
            by=BY,
            now=now,
        )
        visits.move_visit(
            session, visit_id=visit.id, on_date=date(2026, 12, 8), at_time=None, by=BY, now=now
        )
        waiting = session.scalars(
            select(VisitNotice.remind_at)
            .where(VisitNotice.state == "waiting")
            .order_by(VisitNotice.remind_at)
        )
        assert [local(moment) for moment in waiting] == [
            "12-07 19:00",
            "12-08 07:30",
            "12-08 19:00",
        ]
        visits.took_place(session, visit_id=visit.id, yes=True, by=BY, now=now)
        assert set(session.scalars(select(VisitNotice.state))) == {"dropped"}


def test_stock_lasts_as_long_as_the_doses_say(installation: Installation) -> None:
    now = installation.clock()
    with installation.database.transaction() as session:
        begun = begin(session, "奥氮平早上8点半片、晚上8点一片", now)
        kept = stock.set_stock(
            session, plan_id=begun.plan.id, amount=Decimal(16), unit="片", by=BY, now=now
        )
        # One tonight, one and a half on each of ten days.
        assert kept.lasts_until == date(2026, 12, 3)
        assert local(kept.warn_at) == "11-27 09:00"
        with pytest.raises(Conflict):
            stock.set_stock(
                session, plan_id=begun.plan.id, amount=Decimal(16), unit="瓶", by=BY, now=now
            )
