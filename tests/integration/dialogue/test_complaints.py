"""A complaint from the first sentence to settled, and who sees nothing of it. No Rasa."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from bot.casework.complaints import actions, drafts, words
from bot.casework.complaints.models import Complaint, ComplaintEntry
from bot.casework.complaints.reading import kind_of
from bot.delivery.models import OutboxMessage
from bot.dialogue import complaints
from bot.dialogue.models import InboxMessage
from bot.installation import Installation
from scheduler import complaints as ticks
from tests.conftest import MovableClock
from tests.integration.console.office import Browser, Office
from tests.integration.dialogue.conftest import Chat

WHAT = "测试康复站每个月多收我们两百块，也不给发票"
WHOM = "测试康复站，姓测的会计，上个月"


@pytest.fixture
def office(installation: Installation) -> Office:
    office = Office(installation)
    office.staff("worker", name="林")
    office.staff("worker2", name="陈")
    office.staff("boss", "supervisor", name="高")
    return office


def _lodge(mother: Chat, manner: str) -> tuple[str, str]:
    """Complain; returns the number and the code."""
    assert "遇到了什么事" in mother.say("我要投诉")
    assert "哪家机构" in mother.say(WHAT)
    assert "怎么写" in mother.say(WHOM)
    said = mother.say(manner)
    number, code = (
        re.search(r"TS\d{8}-\d{6}", said),
        re.search(r"码([0-9A-Z]{4}-[0-9A-Z]{4})", said),
    )
    assert number, said
    assert code, said
    return number[0], code[1]


def _step(boss: Browser, path: str, step: str, **fields: str) -> None:
    version = boss.hidden(path, "version")
    answer = boss.post(f"{path}/{step}", version=version, **fields)
    assert answer.status_code == 303, answer.text


def _heard(installation: Installation) -> list[str]:
    """What was queued for the complainant, oldest first."""
    with installation.database.transaction() as session:
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.purpose == "complaint", OutboxMessage.in_reply_to.is_(None))
            .order_by(OutboxMessage.id)
        )
        return [row.body["text"] for row in rows]


def _arrives(installation: Installation) -> None:
    """What was queued has reached the phone: its choices can be answered by number."""
    with installation.database.transaction() as session:
        session.execute(text("UPDATE outbox_message SET state = 'sent', settled_at = created_at"))


def test_named_from_the_first_sentence_to_settled_again(
    mother: Chat, office: Office, installation: Installation
) -> None:
    number, _ = _lodge(mother, "1")
    assert "收到了" in mother.say("查投诉")
    boss = office.browser("boss")
    path = re.search(r"/console/complaints/\d+", boss.get("/console/complaints").text)[0]  # type: ignore[index]
    assert WHAT in boss.get(path).text
    _step(boss, path, "accept")
    assert number in _heard(installation)[-1]
    boss.post(f"{path}/note", kind="rectification", text="把多收的退掉", until="2030-01-01")
    _step(boss, path, "answer", text="多收的四百块已经退给您，会计被谈话了。")
    assert "四百块已经退" in _heard(installation)[-1]
    _arrives(installation)
    assert complaints.AGAIN in mother.say("2")
    _step(boss, path, "answer", text="又查了一次，发票也补开了。")
    _arrives(installation)
    assert complaints.THANKS in mother.say("满意")
    with office.transaction() as session:
        complaint = session.scalars(select(Complaint)).one()
        assert (complaint.state, complaint.reopened, complaint.satisfied) == ("closed", 1, True)
        steps = session.scalars(select(ComplaintEntry.kind).order_by(ComplaintEntry.id)).all()
    assert list(steps) == [
        "received", "accepted", "rectification", "answered", "reopened", "answered", "satisfied",
    ]  # fmt: skip


def test_reopened_only_once_and_then_where_else_to_go(
    mother: Chat, office: Office, installation: Installation
) -> None:
    _lodge(mother, "1")
    boss = office.browser("boss")
    path = re.search(r"/console/complaints/\d+", boss.get("/console/complaints").text)[0]  # type: ignore[index]
    _step(boss, path, "accept")
    for answer in (complaints.AGAIN, complaints.NOT_AGAIN):
        _step(boss, path, "answer", text="查过了。")
        _arrives(installation)
        assert answer in mother.say("不满意，钱还是没有退")
    assert "钱还是没有退" in boss.get(path).text
    with pytest.raises(IntegrityError), office.transaction() as session:
        session.execute(text("UPDATE complaint SET reopened = 2"))


def test_an_anonymous_one_leads_back_to_nobody(
    mother: Chat, office: Office, installation: Installation, clock: MovableClock
) -> None:
    number, code = _lodge(mother, "匿名")
    with office.transaction() as session:
        complaint = session.scalars(select(Complaint)).one()
        assert complaint.contact_id is None
        assert complaint.source_key is None
        told = [row.words for row in session.scalars(select(InboxMessage))]
    assert not any("两百块" in said or "会计" in said for said in told)
    clock.move(hours=2)
    assert ticks.emptied(installation)
    with office.transaction() as session:
        replies = session.scalars(select(OutboxMessage))
        assert not any(number in str(row.body) for row in replies)
    # With both in hand anybody follows it; with the number alone nobody does.
    assert complaints.NOT_FOUND in mother.say(number)
    assert complaints.NOT_FOUND in mother.say(f"{number} AAAA-AAAA")
    assert "收到了" in mother.say(f"{number} {code.lower()}")
    assert complaints.NONE_KNOWN in mother.say("查投诉")


def test_nobody_else_sees_anything_of_it(mother: Chat, office: Office) -> None:
    assert "KF" in mother.apply("我想给儿子报名社区康复", "测试甲")
    with office.transaction() as session:
        case_id = session.scalar(text('SELECT id FROM "case"'))
    _lodge(mother, "2")
    for who in ("worker", "worker2"):
        browser = office.browser(who)
        for page in ("/console", "/console?show=open", f"/console/cases/{case_id}"):
            shown = browser.get(page)
            assert shown.status_code == 200
            for secret in ("两百块", "会计", "投诉编号", "我要投诉", "/console/complaints"):
                assert secret not in shown.text, (who, page)
        assert browser.get("/console/complaints").status_code == 403
        assert browser.get("/console/complaints/1").status_code == 403
        assert browser.post("/console/complaints/1/accept", version="1").status_code == 403


def test_a_supervisor_whom_it_is_about_does_not_see_it(mother: Chat, office: Office) -> None:
    mother.say("我要投诉")
    mother.say("高社工说话难听，还把我家的事说出去")
    mother.say("就是那个高社工")
    assert "交给督导了" in mother.say("保密")
    boss = office.browser("boss")
    shown = boss.get("/console/complaints").text
    assert "/console/complaints/1" not in shown
    assert "没有人能办" in shown
    assert boss.get("/console/complaints/1").status_code == 404
    assert boss.post("/console/complaints/1/accept", version="1").status_code == 404
    office.staff("boss2", "supervisor", name="另")
    assert "说出去" in office.browser("boss2").get("/console/complaints/1").text


def test_what_the_database_holds(mother: Chat, office: Office) -> None:
    _lodge(mother, "1")
    for broken in (
        "UPDATE complaint SET state = 'closed'",
        "UPDATE complaint SET state = 'accepted'",  # without a time to settle it by
        "UPDATE complaint SET manner = 'anonymous'",
    ):
        with pytest.raises(IntegrityError), office.transaction() as session:
            session.execute(text(broken))


def test_both_tables_of_steps_are_the_same(office: Office) -> None:
    with office.transaction() as session:
        source = session.scalar(
            text("SELECT prosrc FROM pg_proc WHERE proname = 'check_complaint_step'")
        )
    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", source)) == set(actions.STEPS)


def test_asked_about_trouble_after_a_month(
    mother: Chat, office: Office, installation: Installation, clock: MovableClock
) -> None:
    _lodge(mother, "1")
    boss = office.browser("boss")
    path = re.search(r"/console/complaints/\d+", boss.get("/console/complaints").text)[0]  # type: ignore[index]
    _step(boss, path, "accept")
    _step(boss, path, "answer", text="查过了，已经改正。")
    clock.move(days=16)
    assert ticks.silent(installation) == 1
    assert ticks.trouble(installation) == 0
    clock.move(days=16)
    assert ticks.trouble(installation) == 1
    assert ticks.trouble(installation) == 0
    _arrives(installation)
    assert complaints.TROUBLE_HEARD in mother.say("2")
    assert "被为难了" in office.browser("boss").get("/console/complaints").text


def test_left_and_taken_up_again(mother: Chat, office: Office) -> None:
    mother.say("我要投诉")
    assert complaints.DROPPED in mother.say("算了，不说了") or complaints.DROPPED in mother.say(
        "算了"
    )
    mother.say("投诉")
    mother.say(WHAT)
    mother.say("人工")
    assert "哪家机构" in mother.say("投诉")
    with office.transaction() as session:
        session.execute(delete(Complaint))
        assert drafts.forget_left(session, now=office.now + timedelta(days=2)) == 1


def test_the_form_is_still_there_afterwards(mother: Chat) -> None:
    mother.say("我想给儿子报名社区康复")
    _lodge(mother, "1")
    assert "我们接着来" in mother.say("继续")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("他们把我儿子绑在床上", "confinement"),
        ("老师扇他耳光，收费还高", "confinement"),
        ("记录上写来过八次，其实一次没来过", "false_records"),
        ("每月多收两百", "fees"),
        ("社工半年没露面", "social_worker"),
        ("饭菜凉", "other"),
    ],
)
def test_kind_in_everyday_words(said: str, kind: str) -> None:
    assert kind_of(said) == kind


def test_every_kind_and_entry_has_its_words() -> None:
    assert {kind for kind, _ in words.SIGNS} == set(words.KINDS) - {"other"}
    assert set(words.TOLD) <= set(words.ENTRY_KINDS)
