"""The conversation: who said what, what became of it, and answering without talking over
anybody."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.casework import conversation as ownership
from bot.casework.models import Staff
from bot.casework.people import contact_of
from bot.delivery.models import Contact, OutboxMessage, SendAttempt
from bot.dialogue import inbox
from bot.dialogue.models import InboxMessage
from bot.privacy.models import AuditEvent
from bot.wechat import inbound
from tests.conftest import MovableClock
from tests.integration.console.office import Browser, Office
from tests.integration.console.test_case_page import text_of


def lines(page: Any) -> list[str]:
    """The conversation's lines as one reads them."""
    found = re.findall(r'<li class="(?:line|event)[^"]*">(.*?)</li>', page.text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in found]


def reply(browser: Browser, base: str, text: str, **changed: Any) -> Any:
    """Answer from a page as it is now, or as ``changed`` says that it was."""
    fields = {name: browser.hidden(base, name) for name in ("owner_version", "seen")}
    return browser.post(f"{base}/reply", text=text, **{**fields, **changed})


def attempt(office: Office, message_id: int, errcode: int | None) -> None:
    with office.transaction() as session:
        session.add(
            SendAttempt(
                outbox_message_id=message_id,
                channel="customer_service",
                started_at=office.now,
                errcode=errcode,
            )
        )


def test_order_and_who_said_what(office: Office, clock: MovableClock) -> None:
    office.staff("li", name="测试李梅")
    case = office.case("o-1")
    office.says("o-1", "你好")
    office.answers("o-1", "您好，我是小康", state="sent")
    clock.move(minutes=5)
    office.says("o-1", "我想问补贴")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    assert reply(browser, base, "我来帮您看").status_code == 303
    clock.move(minutes=1)
    office.says("o-1", "谢谢")
    assert lines(browser.get(base)) == [
        "家属 · 今天 10:00 你好",
        "小康（自动） · 今天 10:00 您好，我是小康 已送达",
        "家属 · 今天 10:05 我想问补贴",
        "测试李梅 · 今天 10:05 我来帮您看 排队中",
        "家属 · 今天 10:06 谢谢",
    ]


def test_who_applies_for_themselves_is_called_so(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1", relation="self", patient="given", guardian=None)
    office.says("o-1", "你好")
    assert lines(office.browser("li").get(f"/console/cases/{case.id}"))[0].startswith("本人")


@pytest.mark.parametrize(
    ("columns", "errcode", "words"),
    [
        ({"state": "sent"}, 0, "已送达"),
        ({"state": "queued"}, None, "排队中"),
        ({"state": "queued"}, -1, "排队中：微信正忙，我们会自动再发一次，您不用管。"),
        ({"state": "sending"}, None, "排队中"),
        ({"state": "failed", "reason": "unreachable"}, 43004, "没送到：这位家属已经不再关注公众号"),
        ({"state": "failed", "reason": "refused"}, 45002, "没送到：这条消息太长，微信不收"),
        ({"state": "failed", "reason": "no_window"}, None, "没送到：微信允许发的条数或时间用完了"),
        ({"state": "failed", "reason": "gave_up"}, -1_000_000, "没送到：试了好几次都没发出去"),
        ({"state": "failed", "reason": "unsafe"}, -1_000_001, "没送到：这条消息的内容微信不收"),
        ({"state": "dropped", "reason": "staff_owns"}, None, "没有发：社工已经在和家属说话"),
        ({"state": "dropped", "reason": "stale"}, None, "没有发：过了时候，没有再发。"),
        ({"state": "unsure", "reason": "died"}, None, "不确定送到没有：发的时候断了"),
    ],
)
def test_what_became_of_a_message(
    office: Office, columns: dict[str, str], errcode: int | None, words: str
) -> None:
    office.staff("li")
    case = office.case("o-1")
    message_id = office.answers("o-1", "您好", **columns)
    if errcode is not None:
        attempt(office, message_id, 45015)  # an earlier attempt counts no more
        attempt(office, message_id, errcode)
    [line] = lines(office.browser("li").get(f"/console/cases/{case.id}"))
    assert words in line


def pushes() -> list[tuple[inbound.AnyInbound, str | None, str | None]]:
    """A push, what it was taken for, and what the page says of it."""
    base: dict[str, Any] = {"person": "o-1"}
    return [
        (inbound.Image(dedupe_key="1", media_id="m", **base), None, "［发来一张图片］"),
        (inbound.Voice(dedupe_key="2", media_id="m", **base), None, "［发来一段语音］"),
        (
            inbound.Voice(dedupe_key="3", media_id="m", recognition="听得见吗", **base),
            None,
            "听得见吗",
        ),
        (
            inbound.Location(dedupe_key="4", label="某街一号", **base),
            None,
            "［发来一个位置］某街一号",
        ),
        (inbound.Link(dedupe_key="5", title="一篇文章", **base), None, "［发来一个链接］一篇文章"),
        (inbound.UnknownMessage(dedupe_key="6", name="hologram", **base), None, "看不了的消息"),
        (
            inbound.Text(dedupe_key="7", content="1", **base),
            "我要申请康复",
            "我要申请康复（回复了“1”）",
        ),
        (inbound.MenuClick(dedupe_key="8", key="human", **base), "找人工", "点了菜单：找人工"),
        (inbound.Subscribe(dedupe_key="9", **base), None, "关注了公众号"),
        (inbound.Unsubscribe(dedupe_key="10", **base), None, "取消了关注"),
        (inbound.MenuView(dedupe_key="11", url="https://example.org", **base), None, None),
    ]


@pytest.mark.parametrize(("push", "meant", "words"), pushes())
def test_every_kind_of_message_is_shown_in_words(
    office: Office, push: inbound.AnyInbound, meant: str | None, words: str | None
) -> None:
    office.staff("li")
    case = office.case("o-1")
    with office.transaction() as session:
        accepted = inbox.accept(session, push=push, now=office.now)
        session.get_one(InboxMessage, accepted.message_id).meant = meant
    shown = lines(office.browser("li").get(f"/console/cases/{case.id}"))
    if words is None:
        assert shown == ["还没有说过话。"]
    else:
        assert words in shown[0]


def test_long_conversations_come_in_pages(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    case = office.case("o-1")
    for number in range(75):
        office.says("o-1", f"第{number}句")
        clock.move(seconds=30)
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    newest = browser.get(base)
    shown = lines(newest)
    assert len(shown) == 60
    assert shown[-1].endswith("第74句")
    before = re.search(r"\?before=(\d+)", newest.text)
    assert before
    older = browser.get(f"{base}?before={before[1]}")
    assert [line.split()[-1] for line in lines(older)] == [f"第{n}句" for n in range(15)]
    assert "回到最新的对话" in older.text
    assert 'name="text"' not in older.text


def test_answering_takes_the_conversation_over(office: Office) -> None:
    li = office.staff("li", name="测试李梅")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    assert "现在由小康（自动程序）在答" in text_of(browser.get(base))
    assert reply(browser, base, "在的，\r\n您说\x07").status_code == 303
    assert "现在由您在答" in text_of(browser.get(base))
    assert office.outbox(case.contact_id) == ["【社工 测试李梅】在的，\n您说"]
    with office.transaction() as session:
        contact = session.get_one(Contact, case.contact_id)
        assert (contact.owner, contact.owner_staff_id) == ("staff", li.id)
    assert reply(browser, base, "还在吗").status_code == 303


def test_what_may_still_be_sent_is_shown(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    page = text_of(browser.get(base))
    assert "微信还让发5条，到11月25日09:59为止。" in page
    clock.move(hours=49)
    browser = office.browser("li")
    page = browser.get(base)
    assert "微信现在不让发了，要等对方再说一句。急事请打电话13800000001" in text_of(page)
    assert 'name="text"' not in page.text


def test_what_waits_to_be_sent_is_counted_too(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    for left in (4, 3, 2, 1):
        assert reply(browser, base, f"还剩{left}条").status_code == 303
        assert f"微信还让发{left}条" in text_of(browser.get(base))
    assert reply(browser, base, "最后一条").status_code == 303
    assert "微信现在不让发了" in text_of(browser.get(base))
    assert len(office.outbox(case.contact_id)) == 5


def test_when_nothing_can_be_sent_the_words_stay(office: Office, clock: MovableClock) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    clock.move(hours=47, minutes=59)
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    fields = {name: browser.hidden(base, name) for name in ("owner_version", "seen")}
    clock.move(minutes=2)
    answer = browser.post(f"{base}/reply", text="明天给您打电话", **fields)
    assert answer.status_code == 422
    assert "明天给您打电话" in answer.text
    assert office.outbox(case.contact_id) == []


def test_who_left_is_not_written_to(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    with office.transaction() as session:
        session.get_one(Contact, case.contact_id).subscribed = False
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    assert "不再关注公众号，微信里发不到了。请打电话13800000001" in text_of(browser.get(base))
    answer = reply(browser, base, "您好")
    assert answer.status_code == 422
    assert "您好" in answer.text
    assert office.outbox(case.contact_id) == []


def test_words_that_came_in_between_are_shown_before_anything_is_sent(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "我想撤回申请")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    fields = {name: browser.hidden(base, name) for name in ("owner_version", "seen")}
    office.says("o-1", "算了，不撤了")
    answer = browser.post(f"{base}/reply", text="好的，给您<撤回>", **fields)
    assert answer.status_code == 409
    assert "好的，给您&lt;撤回&gt;" in answer.text
    assert "家属又说话了" in answer.text
    [fresh] = [line for line in lines(answer) if line.startswith("新")]
    assert "算了，不撤了" in fresh
    assert office.outbox(case.contact_id) == []
    # The page that was shown knows them, so pressing again sends.
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert seen
    fields["seen"] = seen[1]
    assert browser.post(f"{base}/reply", text="好的", **fields).status_code == 303


def test_two_members_of_staff_never_talk_over_each_other(office: Office) -> None:
    office.staff("li", name="测试李梅")
    office.staff("wang", name="测试王")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    li, wang = office.browser("li"), office.browser("wang")
    base = f"/console/cases/{case.id}"
    fields = {name: wang.hidden(base, name) for name in ("owner_version", "seen")}
    assert reply(li, base, "我是李梅").status_code == 303
    answer = wang.post(f"{base}/reply", text="我是王", **fields)
    assert answer.status_code == 409
    assert "测试李梅正在和家属说话" in text_of(answer)
    assert "我是王" in answer.text
    assert len(office.outbox(case.contact_id)) == 1
    assert wang.post(f"{base}/hand-back", owner_version=1).status_code == 409


def test_an_older_page_is_told_that_the_conversation_changed_hands(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    assert reply(browser, base, "在").status_code == 303
    assert browser.post(f"{base}/hand-back", owner_version=1).status_code == 303
    answer = reply(browser, base, "还有一句", owner_version=1)
    assert answer.status_code == 409
    assert "还有一句" in answer.text


def test_handing_back_lets_the_bot_speak_again(office: Office) -> None:
    office.staff("li", name="测试李梅")
    office.staff("boss", "supervisor")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    base = f"/console/cases/{case.id}"
    reply(browser, base, "在的")
    assert browser.post(f"{base}/hand-back", owner_version=1).status_code == 303
    page = browser.get(base)
    assert "现在由小康（自动程序）在答" in text_of(page)
    assert lines(page)[-1].startswith("小康（自动） · 今天 10:00 测试李梅社工先忙到这里")
    assert "测试李梅社工先忙到这里" in office.outbox(case.contact_id)[-1]
    with office.transaction() as session:
        actions = {row.action for row in session.query(AuditEvent)}
    assert {"conversation.reply", "conversation.hand_back"} <= actions
    reply(browser, base, "再说一句")
    boss = office.browser("boss")
    assert "以督导身份交还给小康" in boss.get(base).text
    assert boss.post(f"{base}/hand-back", owner_version=3).status_code == 303


@pytest.mark.parametrize("text", ["", " \r\n ", "长" * 601])
def test_what_cannot_be_sent_is_refused_and_kept(office: Office, text: str) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    answer = reply(browser, f"/console/cases/{case.id}", text)
    assert answer.status_code == 422
    assert text.strip() in answer.text
    assert office.outbox(case.contact_id) == []


def test_the_longest_reply_is_one_message(office: Office) -> None:
    office.staff("li", name="一个名字很长很长很长很长的测试社工")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    assert reply(office.browser("li"), f"/console/cases/{case.id}", "长" * 600).status_code == 303
    assert len(office.outbox(case.contact_id)) == 1


def test_an_open_page_asks_for_news(office: Office) -> None:
    office.staff("li")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    browser = office.browser("li")
    seen = browser.hidden(f"/console/cases/{case.id}", "seen")
    path = f"/console/contacts/{case.contact_id}/news?seen={seen}"
    assert browser.get(path).json() == {"unread": 0, "others": ""}
    office.says("o-1", "人呢")
    assert browser.get(path).json() == {"unread": 1, "others": ""}


def test_the_bot_is_told_apart_from_staff_of_the_same_words(office: Office) -> None:
    li = office.staff("li", name="测试李梅")
    case = office.case("o-1")
    office.says("o-1", "在吗")
    with office.transaction() as session:
        contact = contact_of(session, openid="o-1", now=office.now)
        ownership.reply_as_staff(
            session,
            contact_id=contact.id,
            owner_version=0,
            staff=session.get_one(Staff, li.id),
            text="【社工 测试李梅】是我",
            by=f"staff:{li.id}",
            now=office.now,
        )
        assert session.query(OutboxMessage).count() == 1
    line = lines(office.browser("li").get(f"/console/cases/{case.id}"))[-1]
    assert line == "测试李梅 · 今天 10:00 【社工 测试李梅】是我 排队中"
