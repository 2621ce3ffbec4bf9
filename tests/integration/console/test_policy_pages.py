"""Policy on the desk: documents, cards that a second person approves, what families ask."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from bot.installation import Installation
from bot.policy.library import library
from bot.policy.models import PolicyCard, PolicyDocument, PolicyQuestion, PolicyUpload
from tests.integration.console.office import Browser, Office
from tests.integration.policy.talk import FUJIAN, Talk, put_document

CARD = {
    "version": "1",
    "questions": "社区里能不能帮忙修轮椅\n轮椅坏了找谁修",
    "answer": "可以，县残联每月十五号有人上门修辅具。",
    "office": "户口所在地的县残联。",
    "region": "仙游县",
    "source_document": "仙游县残联答复",
    "clause": "电话答复",
    "source_date": "2026-11-20",
    "checked": "2026-11-23",
    "check_again_by": "2027-05-23",
}
WHEELCHAIR = "社区里能不能帮忙修轮椅"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a question waits for the new index."""
    index = library.index
    monkeypatch.setattr(library, "index", lambda session, wait=60.0: index(session, wait=60.0))


@pytest.fixture
def desk(office: Office) -> Browser:
    office.staff("limei", name="测试李梅")
    office.staff("wangfang", name="测试王芳")
    return office.browser("limei")


def upload(browser: Browser, data: bytes, name: str = "notice.txt") -> Any:
    browser.get("/console/policy")
    return browser.client.post(
        "/console/policy/upload",
        data={"_csrf_token": browser.client.cookies["jingkang_csrf"]},
        files={"file": (name, data)},
        follow_redirects=False,
    )


def publish(browser: Browser, data: bytes = FUJIAN.encode(), region: str = "福建省") -> str:
    """Upload and publish a document; returns the address of its page."""
    preview = upload(browser, data).headers["location"]
    title = re.search(r'name="title" value="([^"]+)"', browser.get(preview).text)
    number = re.search(r'name="number" value="([^"]*)"', browser.get(preview).text)
    assert title
    assert number
    done = browser.post(
        f"{preview}/publish", title=title[1], number=number[1], region=region, date="2025-03-02"
    )
    assert done.status_code == 303, done.text
    return str(done.headers["location"]).split("?")[0]


def count(office: Office, table: Any) -> int:
    with office.transaction() as session:
        return session.query(table).count()


# --- documents -----------------------------------------------------------------------------------


def test_a_document_is_looked_at_before_it_answers(desk: Browser, office: Office) -> None:
    preview = upload(desk, FUJIAN.encode("gb18030")).headers["location"]
    shown = desk.get(preview).text
    assert "测民〔2025〕7号" in shown
    assert "照护者喘息服务每年不少于10天" in shown
    assert "请选一下，不然查不到它" in shown, "what is unsure is said"
    mother = Talk(office.installation)
    assert "10天" not in mother.say("我们家在仙游县，喘息服务一年有多少天")
    refused = desk.post(f"{preview}/publish", title="测试", number="", region="火星", date="")
    assert refused.status_code == 422
    assert "没有认出地区" in refused.text
    publish(desk)
    assert "10天" in mother.say("喘息服务一年有多少天"), "without a restart"


def test_published_again_it_replaces_and_never_doubles(desk: Browser, office: Office) -> None:
    first = publish(desk)
    newer = FUJIAN.replace("10天", "15天").encode()
    preview = upload(desk, newer).headers["location"]
    assert "新的替换旧的" in desk.get(preview).text
    assert publish(desk, newer) == first
    assert count(office, PolicyDocument) == 1
    answer = Talk(office.installation).say("我们家在仙游县，喘息服务一年有多少天")
    assert "15天" in answer
    assert "10天" not in answer


def test_a_withdrawn_document_answers_no_more_and_can_be_restored(
    desk: Browser, office: Office
) -> None:
    page = publish(desk)
    mother = Talk(office.installation)
    assert "10天" in mother.say("我们家在仙游县，喘息服务一年有多少天")
    assert desk.post(f"{page}/withdraw").status_code == 303
    assert "10天" not in mother.say("喘息服务一年有多少天")
    assert "已作废" in desk.get(page).text
    desk.post(f"{page}/restore")
    assert "10天" in mother.say("喘息服务一年有多少天")


def test_a_superseded_document_names_its_successor(desk: Browser, office: Office) -> None:
    old = publish(desk)
    new = publish(desk, FUJIAN.replace("7号", "9号").replace("10天", "20天").encode())
    successor = new.rsplit("/", 1)[1]
    assert desk.post(f"{old}/supersede", successor=old.rsplit("/", 1)[1]).status_code == 422
    assert desk.post(f"{old}/supersede", successor=successor).status_code == 303
    assert "测民〔2025〕9号" in desk.get("/console/policy").text
    assert f"/console/policy/documents/{successor}" in desk.get(old).text
    answer = Talk(office.installation).say("我们家在仙游县，喘息服务一年有多少天")
    assert "20天" in answer


def bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (200 * 1024 * 1024))
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "空的"),
        ("blank.txt", b"  \n ", "空的"),
        ("broken.pdf", b"%PDF-1.7\nnothing of the kind", "损坏"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"0" * 100, "图片"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"0" * 100, "docx"),
        ("large.pdf", b"%PDF-1.7\n" + b"0" * (50 * 1024 * 1024), "太大"),
        ("bomb.docx", None, "。"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    desk: Browser, office: Office, name: str, data: bytes | None, says: str
) -> None:
    answer = upload(desk, bomb() if data is None else data, name)
    assert answer.status_code == 422
    assert f"“{name}”没有收下" in answer.text
    assert says in re.search(r'role="alert">(.*?)</div></div>', answer.text, re.DOTALL)[1]  # type: ignore[index]
    assert count(office, PolicyUpload) == count(office, PolicyDocument) == 0


def test_no_file_chosen_and_a_dropped_upload(desk: Browser, office: Office) -> None:
    assert "还没有选文件" in upload(desk, b"", "").text
    preview = upload(desk, FUJIAN.encode()).headers["location"]
    assert desk.post(f"{preview}/drop").status_code == 303
    assert count(office, PolicyUpload) == 0
    assert desk.post(f"{preview}/publish", title="x", region="全国").status_code == 409


def test_markup_in_a_document_is_only_text(desk: Browser) -> None:
    text = FUJIAN.replace("交通补助", "<script>alert(1)</script>交通补助")
    page = publish(desk, text.encode())
    assert "<script>alert(1)" not in desk.get(page).text


# --- cards ---------------------------------------------------------------------------------------


def new_card(browser: Browser, **changes: str) -> str:
    done = browser.post("/console/policy/cards/new", **{**CARD, **changes})
    assert done.status_code == 303, done.text
    return str(done.headers["location"]).split("?")[0]


def test_a_card_is_published_by_a_second_person(desk: Browser, office: Office) -> None:
    card = new_card(desk)
    mother = Talk(office.installation)
    question = f"我们家在仙游县，{WHEELCHAIR}"
    assert "十五号" not in mother.say(question)
    refused = desk.post(f"{card}/approve", version="1")
    assert refused.status_code == 422
    assert "另一位同事" in refused.text
    second = office.browser("wangfang")
    assert "审过了，发布" in second.get(card).text
    assert second.post(f"{card}/approve", version="1").status_code == 303
    answer = mother.say(question)
    assert "十五号" in answer, "without a restart"
    assert "依据：《仙游县残联答复》 电话答复，2026-11-20" in answer
    desk.post(f"{card}/take-back", version="2")
    assert "十五号" not in mother.say(question)


def test_who_changed_a_draft_cannot_approve_it_either(desk: Browser, office: Office) -> None:
    card = new_card(desk)
    second = office.browser("wangfang")
    assert second.post(f"{card}/save", **CARD).status_code == 303
    assert second.post(f"{card}/approve", version="2").status_code == 422
    assert desk.post(f"{card}/approve", version="2").status_code == 422


def test_the_database_holds_the_rules_of_approval(desk: Browser, office: Office) -> None:
    card_id = int(new_card(desk).rsplit("/", 1)[1])

    def set_(**columns: Any) -> None:
        with office.transaction() as session:
            session.execute(update(PolicyCard).where(PolicyCard.id == card_id).values(**columns))

    with office.transaction() as session:
        author = session.get_one(PolicyCard, card_id).author_id
    with pytest.raises(IntegrityError, match="second_person"):
        set_(state="published", approved_by=author)
    with pytest.raises(IntegrityError, match="complete"):
        set_(state="published")
    office.browser("wangfang").post(f"/console/policy/cards/{card_id}/approve", version="1")
    with pytest.raises(IntegrityError, match="keeps its words"):
        set_(answer="每月发一万元。")
    with pytest.raises(IntegrityError, match="keeps its words"):
        set_(state="draft")


@pytest.mark.parametrize("field", ["answer", "region", "source_document", "source_date", "clause"])
def test_a_card_without_source_place_or_date_is_not_published(
    desk: Browser, office: Office, field: str
) -> None:
    card = new_card(desk, **{field: ""})
    assert "还没写全" in desk.get(card).text
    refused = office.browser("wangfang").post(f"{card}/approve", version="1")
    assert refused.status_code == 422
    assert "还缺" in refused.text


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("region", "火星", "没有认出地区"),
        ("checked", "昨天", "核对日期请写成"),
        ("source_date", "前年", "文件日期请写成"),
        ("amount", "每月80元", "哪一天的数"),
        ("check_again_by", "2020-01-01", "之后"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(
    desk: Browser, field: str, typed: str, says: str
) -> None:
    refused = desk.post("/console/policy/cards/new", **{**CARD, field: typed})
    assert refused.status_code == 422
    assert says in refused.text
    assert typed in refused.text
    assert CARD["answer"] in refused.text


def test_two_people_at_once_the_second_sees_what_is_there(desk: Browser, office: Office) -> None:
    card = new_card(desk)
    desk.post(f"{card}/save", **CARD)
    late = office.browser("wangfang").post(f"{card}/approve", version="1")
    assert late.status_code == 409
    assert "刚刚有同事动过" in late.text


def test_a_card_of_the_product_is_replaced_by_one_of_the_office(
    desk: Browser, office: Office
) -> None:
    mother = Talk(office.installation)
    assert "指定医院做残疾评定" in mother.say("残疾证怎么办")
    done = desk.post("/console/policy/cards/replace", card="certificate-apply")
    draft = str(done.headers["location"]).split("?")[0]
    shown = desk.get(draft).text
    assert "指定医院做残疾评定" in shown
    typed = {
        name: value
        for name in CARD
        if (found := re.search(rf'name="{name}" value="([^"]*)"', shown)) and (value := found[1])
    }
    questions = re.search(r'name="questions"[^>]*>([^<]*)<', shown)
    assert questions
    desk.post(
        f"{draft}/save",
        **{**CARD, **typed, "questions": questions[1], "answer": "先到街道残联专干那里填表。"},
    )
    assert office.browser("wangfang").post(f"{draft}/approve", version="2").status_code == 303
    answer = mother.say("残疾证怎么办")
    assert "先到街道残联专干" in answer
    assert "指定医院做残疾评定" not in answer


def test_cards_to_check_again(desk: Browser, office: Office, clock: Any) -> None:
    card = new_card(desk)
    office.browser("wangfang").post(f"{card}/approve", version="1")
    assert CARD["answer"] not in desk.get("/console/policy/cards?show=check").text
    clock.move(days=200)
    desk = office.browser("limei")
    shown = desk.get("/console/policy/cards?show=check").text
    assert CARD["answer"] in shown
    assert "过期了" in shown
    mother = Talk(office.installation)
    assert "核对的，已经有些日子" in mother.say(f"我们家在仙游县，{WHEELCHAIR}")
    desk.post(f"{card}/confirm", version="2")
    assert CARD["answer"] not in desk.get("/console/policy/cards?show=check").text
    assert "已经有些日子" not in mother.say(WHEELCHAIR)


# --- questions -----------------------------------------------------------------------------------


def test_an_answer_of_a_social_worker_becomes_a_card(desk: Browser, office: Office) -> None:
    mother = Talk(office.installation)
    mother.say(f"我们家在仙游县，{WHEELCHAIR}")
    with office.transaction() as session:
        [kept] = session.query(PolicyQuestion).all()
        ticket_id, contact_id = kept.ticket_id, kept.contact_id
    ticket = f"/console/tickets/{ticket_id}"
    replied = desk.post(
        f"{ticket}/reply",
        owner_version=desk.hidden(ticket, "owner_version"),
        seen=desk.hidden(ticket, "seen"),
        text="可以的，县残联每月十五号上门修。",
    )
    assert replied.status_code == 303, replied.text
    assert any("十五号" in text for text in office.outbox(contact_id))
    assert "把这个回答留成卡片" in desk.get("/console/policy/questions").text
    done = desk.post(f"/console/policy/tickets/{ticket_id}/keep")
    card = str(done.headers["location"]).split("?")[0]
    shown = desk.get(card).text
    assert "可以的，县残联每月十五号上门修。" in shown
    assert WHEELCHAIR in shown
    assert "仙游县" in shown
    assert "还没写全" in shown, "the source is still to be written"
    assert "没有没答上的问题" in desk.get("/console/policy/questions").text


def test_alike_questions_stand_together_and_the_chart_has_its_table(
    desk: Browser, office: Office
) -> None:
    for question in (WHEELCHAIR, "社区能不能帮忙修一下轮椅", "能不能帮忙养一只小狗"):
        Talk(office.installation).say(question)
    Talk(office.installation).say("残疾证怎么办")
    shown = desk.get("/console/policy/questions").text
    assert "2 次" in shown
    assert "<svg" in shown
    assert re.search(r'<th scope="row">残疾人证</th><td>1</td><td>0</td>', shown)


def test_administrators_see_neither_cards_nor_questions(office: Office) -> None:
    office.staff("boss", "administrator")
    browser = office.browser("boss")
    for path in ("", "/cards", "/questions"):
        assert browser.get(f"/console/policy{path}").status_code == 403


def test_what_an_import_by_command_replaces_is_seen_here(
    desk: Browser, installation: Installation
) -> None:
    document_id = put_document(installation)
    assert f"/console/policy/documents/{document_id}" in desk.get("/console/policy").text
