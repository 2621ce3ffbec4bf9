"""A ticket's page: claimed by one, settled by the same, and answered from."""

from __future__ import annotations

from bot.casework.models import Ticket
from bot.privacy.models import AuditEvent
from tests.integration.console.office import Office
from tests.integration.console.test_case_page import text_of
from tests.integration.console.test_talking import reply


def test_a_crisis_says_to_telephone_first(office: Office) -> None:
    office.staff("li")
    office.case("o-1")
    ticket = office.ticket("o-1", "crisis", urgency="urgent", summary="他说不想活了")
    answer = office.browser("li").get(f"/console/tickets/{ticket}")
    page = text_of(answer)
    for words in ("危机求助", "紧急", "他说不想活了", "先打电话", "120", "110", "12356"):
        assert words in page, words
    assert 'class="call" href="tel:13800000001"' in answer.text


def test_from_claim_to_settled(office: Office) -> None:
    office.staff("li", name="测试李梅")
    office.staff("wang")
    ticket = office.ticket("o-1")
    office.says("o-1", "有人吗")
    base = f"/console/tickets/{ticket}"
    browser, other = office.browser("li"), office.browser("wang")
    assert browser.post(f"{base}/claim", version=1).status_code == 303
    late = other.post(f"{base}/claim", version=1)
    assert late.status_code == 409
    assert "由测试李梅在办" in text_of(late)
    assert other.post(f"{base}/settle", version=2).status_code == 409
    assert reply(browser, base, "我在，您说").status_code == 303
    assert browser.post(f"{base}/hand-back", owner_version=1).status_code == 303
    assert browser.post(f"{base}/settle", version=2).status_code == 303
    page = text_of(browser.get(f"{base}?done=settled"))
    assert "办结了。" in page
    assert "由测试李梅办结" in page
    with office.transaction() as session:
        assert session.get_one(Ticket, ticket).state == "settled"


def test_an_applications_ticket_is_its_case(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    with office.transaction() as session:
        ticket = session.query(Ticket).filter_by(case_id=case.id).one().id
    browser = office.browser("li")
    where = f"/console/cases/{case.id}"
    assert browser.get(f"/console/tickets/{ticket}").headers["location"] == where
    answer = browser.post(f"/console/tickets/{ticket}/claim", version=1)
    assert answer.headers["location"] == where
    with office.transaction() as session:
        # Claiming goes through the case, where the family is told.
        assert session.get_one(Ticket, ticket).state == "open"


def test_a_ticket_without_a_contact_has_no_reply_box(office: Office) -> None:
    office.staff("li")
    ticket = office.ticket(None, "complaint", summary="说话很凶")
    browser = office.browser("li")
    page = browser.get(f"/console/tickets/{ticket}")
    assert page.status_code == 200
    assert 'name="text"' not in page.text
    answer = browser.post(f"/console/tickets/{ticket}/reply", text="您好", owner_version=0, seen=0)
    assert answer.status_code == 422


def test_a_refused_reply_is_kept(office: Office) -> None:
    office.staff("li")
    ticket = office.ticket("o-1")
    office.says("o-1", "有人吗")
    base = f"/console/tickets/{ticket}"
    browser = office.browser("li")
    fields = {name: browser.hidden(base, name) for name in ("owner_version", "seen")}
    office.says("o-1", "喂？")
    answer = browser.post(f"{base}/reply", text="我写到一半", **fields)
    assert answer.status_code == 409
    assert "我写到一半" in answer.text


def test_reading_is_written_down_unless_it_is_ones_own(office: Office) -> None:
    office.staff("li")
    ticket = office.ticket("o-1")
    browser = office.browser("li")
    browser.get(f"/console/tickets/{ticket}")
    browser.post(f"/console/tickets/{ticket}/claim", version=1)
    browser.get(f"/console/tickets/{ticket}")
    with office.transaction() as session:
        assert session.query(AuditEvent).filter_by(action="ticket.read").count() == 1
