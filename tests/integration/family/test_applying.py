"""The application on pages: saved step by step, read like the conversation, handed over once."""

from __future__ import annotations

from typing import Any

import pytest

from bot.casework.models import Application, Case, Lead, Ticket
from bot.dialogue.form_words import CHILD_NEEDS_GUARDIAN
from bot.privacy.models import Consent
from tests.conftest import MovableClock
from tests.integration.family.home import Home, Phone

PAGES: dict[str, dict[str, Any]] = {
    "who": {"relation": "parent"},
    "patient": {"patient_name": "测试甲", "birth_year": "34岁", "county": "思明区的"},
    "wishes": {"hospital_advice": "advised", "service_forms": ["day", "outreach"]},
    "reach": {"telephone": "一三九0000 0001"},
    "consent": {"is_guardian": "yes", "guardian_consent": "given", "patient_consent": "reported"},
}


def fill(phone: Phone, *steps: str, **instead: dict[str, Any]) -> Any:
    """Fill in the pages; returns the answer to the last."""
    answer = phone.post("/family/apply")
    for step in steps or PAGES:
        assert answer.headers["location"] == f"/family/apply/{step}", answer.headers
        answer = phone.post(f"/family/apply/{step}", **{**PAGES[step], **instead.get(step, {})})
    return answer


def hand_over(phone: Phone) -> Any:
    seen = phone.hidden("/family/apply/review", "seen")
    return phone.post("/family/apply/review", seen=seen)


def draft_of(home: Home) -> Application:
    with home.transaction() as session:
        return session.query(Application).filter_by(state="draft").one()


def test_from_the_notice_to_the_receipt_number(home: Home) -> None:
    phone = home.phone("o-1")
    assert "敏感信息" in phone.get("/family/apply").text
    with home.transaction() as session:
        assert session.query(Application).count() == 0, "nothing is kept before the agreement"
    assert fill(phone).headers["location"] == "/family/apply/review"
    page = phone.get("/family/apply/review").text
    for shown in ("测试甲", "1992年", "思明区", "13900000001", "白天去机构", "家属说愿意"):
        assert shown in page
    answer = hand_over(phone)
    with home.transaction() as session:
        case = session.query(Case).one()
        assert case.stage == "submitted"
        assert not case.awaits_guardian
        kept = session.query(Consent).order_by(Consent.id)
        assert [(c.purpose, c.state, c.way) for c in kept] == [
            ("sensitive_data", "given", "page"),
            ("rehabilitation_guardian", "given", "page"),
            ("rehabilitation_patient", "reported", "page"),
        ]
        assert session.query(Ticket).one().kind == "application"
        contact_id = case.contact_id
    assert answer.headers["location"] == f"/family/cases/{case.id}?done=submitted"
    assert case.receipt_number in phone.get(answer.headers["location"]).text
    [told] = home.outbox(contact_id)
    assert case.receipt_number in told


def test_pressed_twice_it_is_handed_over_once(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone)
    seen = phone.hidden("/family/apply/review", "seen")
    assert phone.post("/family/apply/review", seen=seen).status_code == 303
    assert phone.post("/family/apply/review", seen=seen).headers["location"] == "/family"
    with home.transaction() as session:
        assert session.query(Case).count() == 1


def test_what_changed_elsewhere_is_reviewed_again(home: Home, clock: MovableClock) -> None:
    phone = home.phone("o-1")
    fill(phone)
    seen = phone.hidden("/family/apply/review", "seen")
    clock.move(seconds=5)
    phone.post("/family/apply/reach", telephone="13900000002")
    answer = phone.post("/family/apply/review", seen=seen)
    assert answer.status_code == 409
    assert "13900000002" in answer.text
    with home.transaction() as session:
        assert session.query(Case).count() == 0


def test_what_is_right_is_kept_and_what_is_wrong_is_named(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone, "who")
    answer = phone.post(
        "/family/apply/patient", patient_name="测试甲", birth_year="", county="火星"
    )
    assert answer.status_code == 422
    assert "火星" in answer.text, "what was typed stays"
    kept = draft_of(home).answers
    assert kept["patient_name"] == "测试甲"
    assert kept["birth_year"] is None, "may be left open"
    assert "county" not in kept


def test_a_county_of_several_is_chosen(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone, "who")
    answer = phone.post("/family/apply/patient", patient_name="测试甲", county="鼓楼区")
    assert answer.status_code == 422
    assert "福州市鼓楼区" in answer.text
    assert (
        phone.post(
            "/family/apply/patient",
            patient_name="测试甲",
            county="鼓楼区",
            county_pick="福建省福州市鼓楼区",
        )
        .headers["location"]
        .endswith("/wishes")
    )
    assert draft_of(home).answers["county"] == "350102"


@pytest.mark.parametrize(
    ("step", "field", "value"),
    [
        ("reach", "telephone", "1390000"),
        ("reach", "telephone", ""),
        ("who", "relation", "mother-in-chief"),
        ("consent", "is_guardian", ""),
        ("consent", "patient_consent", "given"),
        ("wishes", "service_forms", "moon"),
        ("wishes", "hospital_advice", "x" * 500),
    ],
)
def test_nothing_unread_is_kept(home: Home, step: str, field: str, value: str) -> None:
    phone = home.phone("o-1")
    fill(phone)
    before = draft_of(home).answers
    answer = phone.post(f"/family/apply/{step}", **{**PAGES[step], field: value})
    assert answer.status_code == 422
    assert draft_of(home).answers == before


def test_what_was_saved_shows_again_and_reads_the_same(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone)
    before = draft_of(home).answers
    page = phone.get("/family/apply/patient").text
    shown = {"patient_name": "测试甲", "birth_year": "1992年", "county": "福建省厦门市思明区"}
    for value in shown.values():
        assert f'value="{value}"' in page
    assert phone.post("/family/apply/patient", **shown).status_code == 303
    assert draft_of(home).answers == before


def test_a_child_needs_its_guardian(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone, "who", "patient", "wishes", "reach", patient={"birth_year": "9岁"})
    answer = phone.post("/family/apply/consent", is_guardian="no")
    assert answer.status_code == 422
    assert CHILD_NEEDS_GUARDIAN in answer.text
    answer = phone.post("/family/apply/consent", is_guardian="yes", guardian_consent="given")
    assert answer.headers["location"] == "/family/apply/review"


def test_the_patient_decides_alone(home: Home) -> None:
    phone = home.phone("o-1")
    answer = fill(
        phone,
        who={"relation": "self"},
        consent={"patient_consent": "given", "is_guardian": [], "guardian_consent": []},
    )
    assert answer.headers["location"] == "/family/apply/review"
    assert hand_over(phone).status_code == 303
    with home.transaction() as session:
        assert session.query(Case).one().awaits_guardian


def test_a_guardian_who_is_none_has_consented_to_nothing(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone)
    phone.post("/family/apply/consent", is_guardian="no", patient_consent="reported")
    assert "guardian_consent" not in draft_of(home).answers
    with home.transaction() as session:
        states = [
            c.state
            for c in session.query(Consent)
            .filter_by(purpose="rehabilitation_guardian")
            .order_by(Consent.id)
        ]
    assert states == ["given", "withdrawn"]


def test_a_guardian_who_refuses_is_not_pushed_on(home: Home) -> None:
    phone = home.phone("o-1")
    answer = fill(phone, consent={"guardian_consent": "refused"})
    assert answer.status_code == 422
    assert "不着急" in answer.text
    assert phone.get("/family/apply/review").headers["location"] == "/family/apply/consent"


def test_a_neighbour_reports_and_learns_nothing(home: Home) -> None:
    phone = home.phone("o-1")
    phone.post("/family/apply")
    answer = phone.post("/family/apply/who", relation="other")
    assert answer.headers["location"] == "/family/apply/lead"
    assert phone.post("/family/apply/lead", description="  ").status_code == 422
    answer = phone.post("/family/apply/lead", description="幸福村有户人家需要帮忙")
    assert "XS" in answer.text
    with home.transaction() as session:
        assert session.query(Lead).one().description == "幸福村有户人家需要帮忙"
        assert session.query(Application).count() == 0
        assert session.query(Case).count() == 0


def test_erased_is_erased(home: Home) -> None:
    phone = home.phone("o-1")
    fill(phone, "who")
    assert phone.post("/family/apply/erase").headers["location"] == "/family?done=erased"
    with home.transaction() as session:
        assert session.query(Application).count() == 0
        assert session.query(Consent).count() == 0
    for path in ("/family/apply/review", "/family/apply/who"):
        assert phone.get(path).headers["location"] == "/family/apply"
    assert phone.post("/family/apply/who", relation="parent").headers["location"] == "/family/apply"
    assert phone.get("/family/apply/nothing").status_code == 404


def test_the_draft_of_the_conversation_goes_on_here(home: Home) -> None:
    home.says("o-1", "我要申请")
    phone = home.phone("o-1")
    fill(phone, "who")
    draft = draft_of(home)
    assert draft.paused, "the next message is no answer to a question on a page"
    assert "申请填到一半" in phone.get("/family").text
    assert phone.get("/family/apply").headers["location"] == "/family/apply/patient"
