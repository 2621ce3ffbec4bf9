from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.care import people
from bot.care.models import Patient
from bot.casework.models import Ticket
from tests.integration.console.office import Office


@pytest.mark.parametrize(("outcome", "stopped"), [("died", True), ("unreachable", False)])
def test_a_death_stops_every_reminder_at_once(office: Office, outcome: str, stopped: bool) -> None:
    office.staff("worker")
    case = office.case("o-mother")
    by = f"contact:{case.contact_id}"
    with office.transaction() as session:
        son = people.patient_called(
            session, contact_id=case.contact_id, called="儿子", by=by, now=office.now
        ).id
        herself = people.patient_of_contact(
            session, contact_id=case.contact_id, by=by, now=office.now
        ).id
    path = f"/console/cases/{case.id}"
    browser = office.browser("worker")
    for step in ("claim", "accept"):
        browser.post(f"{path}/{step}", version=browser.hidden(path, "version"))
    done = browser.post(
        f"{path}/do/end",
        version=browser.hidden(path, "version"),
        outcome=outcome,
        reason="家属来电",
        closed_on="",
    )
    assert done.status_code == 303
    with office.transaction() as session:
        assert (session.get_one(Patient, son).stopped_at is not None) == stopped
        assert session.get_one(Patient, herself).stopped_at is None
    last = office.outbox(case.contact_id)[-1]
    assert ("节哀" in last) == stopped


def test_where_it_is_not_clear_whose_they_are_a_person_looks(office: Office) -> None:
    office.staff("worker")
    case = office.case("o-mother")
    by = f"contact:{case.contact_id}"
    with office.transaction() as session:
        cared_for = [
            people.patient_called(
                session, contact_id=case.contact_id, called=called, by=by, now=office.now
            ).id
            for called in ("儿子", "外婆")
        ]
    path = f"/console/cases/{case.id}"
    browser = office.browser("worker")
    for step in ("claim", "accept"):
        browser.post(f"{path}/{step}", version=browser.hidden(path, "version"))
    browser.post(
        f"{path}/do/end",
        version=browser.hidden(path, "version"),
        outcome="died",
        reason="家属来电",
        closed_on="",
    )
    with office.transaction() as session:
        assert all(session.get_one(Patient, one).stopped_at is None for one in cared_for)
        ticket = session.scalars(select(Ticket).where(Ticket.kind == "medication")).one()
        assert ticket.urgency == "urgent"
