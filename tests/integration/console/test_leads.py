from __future__ import annotations

from sqlalchemy import select

from bot.casework import applications
from bot.casework.models import Lead, Ticket
from tests.integration.console.office import Office


def test_a_lead_is_settled_by_what_the_asking_found(office: Office) -> None:
    office.staff("worker")
    contact_id = office.contact("o-neighbour")
    with office.transaction() as session:
        applications.take_lead(
            session,
            source_key="test:1",
            contact_id=contact_id,
            reporter_relation="neighbour",
            description="楼下有人需要帮助",
            by=f"contact:{contact_id}",
            now=office.now,
        )
        ticket_id = session.scalars(select(Ticket.id)).one()
    path = f"/console/tickets/{ticket_id}"
    browser = office.browser("worker")
    browser.post(f"{path}/claim", version=browser.hidden(path, "version"))
    version = browser.hidden(path, "version")
    assert browser.post(f"{path}/settle", version=version).status_code == 422
    empty = browser.post(f"{path}/lead", version=version, findings="问了他妈妈", outcome="")
    assert empty.status_code == 422
    assert "问了他妈妈" in empty.text
    before = office.outbox(contact_id)
    done = browser.post(f"{path}/lead", version=version, findings="问了他妈妈", outcome="willing")
    assert done.status_code == 303
    again = browser.post(f"{path}/lead", version=version, findings="又", outcome="unreachable")
    assert again.status_code == 409
    with office.transaction() as session:
        lead = session.scalars(select(Lead)).one()
        assert (lead.outcome, lead.findings) == ("willing", "问了他妈妈")
        assert session.get_one(Ticket, ticket_id).state == "settled"
    assert office.outbox(contact_id) == before  # the reporter is told nothing
