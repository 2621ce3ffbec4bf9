"""What time brings: tasks exist once, whoever looks and however late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.casework import assessments, cases, due, tickets, working_time
from bot.casework.models import Ticket
from bot.clock import LOCAL
from scheduler import casework
from tests.conftest import MovableClock
from tests.integration.casework.town import Town


def kinds(town: Town, kind: str) -> list[Ticket]:
    with town.transaction() as session:
        return list(session.scalars(select(Ticket).where(Ticket.kind == kind)))


def test_the_recheck_is_announced_two_weeks_before(town: Town, clock: MovableClock) -> None:
    case = town.bring_to("waiting")  # on 2026-11-23: three months end on 2027-02-23
    clock.now = datetime(2027, 2, 8, 9, 0, tzinfo=LOCAL)
    casework.tasks(town.installation)
    assert kinds(town, "recheck") == []
    clock.move(days=1)
    with ThreadPoolExecutor(4) as several:
        list(several.map(casework.tasks, [town.installation] * 4))
    casework.tasks(town.installation)
    [task] = kinds(town, "recheck")
    assert task.due_at.astimezone(LOCAL).date() == date(2027, 2, 23)
    assert task.owner_id == town.worker.id
    assert len([text for text in town.told(case.contact_id) if "快三个月" in text]) == 1
    town.do(assessments.recheck, case, situation="还愿意")
    assert kinds(town, "recheck")[0].state == "settled"
    casework.tasks(town.installation)
    assert len(kinds(town, "recheck")) == 1


def test_nothing_is_lost_when_no_scheduler_ran(town: Town, clock: MovableClock) -> None:
    town.bring_to("waiting")
    town.bring_to("in_service")
    clock.move(days=400)
    casework.tasks(town.installation)
    assert len(kinds(town, "recheck")) == 1
    assert len(kinds(town, "assessment")) == 1


def test_more_than_a_batch_is_done_in_one_tick(
    town: Town, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
) -> None:
    monkeypatch.setattr(due, "BATCH", 2)
    for number in range(5):
        _ticket(town, f"t{number}")
    clock.move(days=30)
    casework.late_tickets(town.installation)
    with town.transaction() as session:
        late = session.scalar(select(func.count()).where(Ticket.overdue_at.is_not(None)))
    assert late == 5


def test_a_training_that_is_renewed_is_no_task(town: Town, clock: MovableClock) -> None:
    short = town.staff("social_worker")
    town.train(short, valid_days=40)
    town.train(town.worker, valid_days=40)  # has a longer one besides
    casework.tasks(town.installation)
    [task] = kinds(town, "training")
    assert "2027年1月2日" in task.summary


def test_unread_tickets_are_shown_to_supervisors(town: Town, clock: MovableClock) -> None:
    clock.now = datetime(2026, 11, 23, 23, 0, tzinfo=LOCAL)
    urgent, normal = _ticket(town, "u", "urgent"), _ticket(town, "n", "normal")
    casework.late_tickets(town.installation)
    assert _escalated(town) == set()
    clock.move(minutes=15)
    casework.late_tickets(town.installation)
    assert _escalated(town) == {urgent}
    clock.now = datetime(2026, 11, 28, 11, 0, tzinfo=LOCAL)  # overdue, but a Saturday
    casework.late_tickets(town.installation)
    assert _escalated(town) == {urgent}
    clock.now = datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL)
    casework.late_tickets(town.installation)
    assert _escalated(town) == {urgent, normal}


def test_a_ticket_that_was_opened_is_not_escalated(town: Town, clock: MovableClock) -> None:
    ticket_id = _ticket(town, "u", "urgent")
    with town.transaction() as session:
        tickets.read_ticket(session, ticket_id=ticket_id, by="staff:1", now=town.now)
    clock.move(hours=5)
    casework.late_tickets(town.installation)
    assert _escalated(town) == set()


def test_the_clock_stands_still_while_the_family_is_asked(town: Town, clock: MovableClock) -> None:
    case = town.bring_to("in_review")
    [before] = kinds(town, "application")
    clock.move(hours=2)
    town.do(cases.return_for_correction, case, what="电话")
    clock.move(days=14)
    casework.late_tickets(town.installation)
    [paused] = kinds(town, "application")
    assert paused.overdue_at is None
    with town.transaction() as session:
        cases.resubmit(session, case_id=case.id, text="138", by="contact:1", now=town.now)
    [after] = kinds(town, "application")
    assert after.paused_left is None
    # Mondays both, two weeks apart, no holiday between: what was left is left.
    assert after.due_at == before.due_at + timedelta(days=14)


def test_due_times_skip_the_weekend_and_what_an_administrator_says(town: Town) -> None:
    friday = datetime(2026, 11, 27, 16, 0, tzinfo=LOCAL)
    with town.transaction() as session:
        plain = tickets.due_at(session, urgency="soon", county_code=None, now=friday)
        working_time.set_day(
            session,
            day=date(2026, 11, 28),
            working=True,
            note="测试调休",
            by="staff:1",
            now=friday,
        )
        moved = tickets.due_at(session, urgency="soon", county_code=None, now=friday)
        urgent = tickets.due_at(session, urgency="urgent", county_code=None, now=friday)
    assert plain == datetime(2026, 11, 30, 16, 0, tzinfo=LOCAL)
    assert moved == datetime(2026, 11, 28, 16, 0, tzinfo=LOCAL)
    assert urgent == friday + timedelta(minutes=30)


def test_a_year_that_nobody_knows_is_said_once(
    town: Town, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_time, "is_known_year", lambda year: year < 2027)
    casework.tasks(town.installation)
    casework.tasks(town.installation)
    [task] = kinds(town, "calendar")
    assert "2027年" in task.summary


def _ticket(town: Town, key: str, urgency: str = "soon") -> int:
    with town.transaction() as session:
        return tickets.open_ticket(
            session,
            source_key=f"test:{key}",
            kind="ask_human",
            urgency=urgency,
            summary="测试",
            by="system:test",
            now=town.now,
        )


def _escalated(town: Town) -> set[int]:
    with town.transaction() as session:
        return set(session.scalars(select(Ticket.id).where(Ticket.escalated_at.is_not(None))))
