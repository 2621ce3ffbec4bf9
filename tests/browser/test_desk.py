"""The desk as a social worker uses it: with a mouse, on a phone, with keys, without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.casework import cases
from bot.console.models import StaffSession
from tests.browser.conftest import LAPTOP, PHONE, Open, keep
from tests.browser.people import QUESTION, busy_morning
from tests.conftest import MovableClock
from tests.integration.console.office import PASSWORD, Office

SIZES = {"phone": PHONE, "laptop": LAPTOP}


def sign_in(page: Page, username: str) -> None:
    page.goto("/console/sign-in")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def fits(page: Page) -> None:
    """Nothing stands out of the window sideways, and what is pressed is large enough."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .tabs a, .top a, input')]
            .filter(e => e.offsetParent && e.type !== 'hidden')
            .filter(e => (e.closest('label') ?? e).getBoundingClientRect().height < 43.5)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert not small, f"{page.url}: too small to tap: {small}"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", SIZES)
def test_from_sign_in_to_accepted(
    office: Office, clock: MovableClock, open_page: Open, size: str, script: bool
) -> None:
    """The whole review, at both widths, with and without scripts."""
    office.staff("limei", name="测试李梅")
    office.says("o-1", QUESTION)
    case = office.case("o-1")
    page = open_page(size=SIZES[size], script=script)
    sign_in(page, "limei")
    name = f"{size}-{'script' if script else 'plain'}"
    keep(page, f"{name}-1-queue")

    page.get_by_role("link", name="康复申请").click()
    expect(page.get_by_role("heading", name="还没有人接手")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="我来负责").click()
    expect(page.get_by_role("status")).to_contain_text("接手了")
    keep(page, f"{name}-2-claimed")

    page.get_by_label("回复").fill("您好，我是负责的社工，明天下午给您打电话。")
    page.get_by_role("button", name="发出").click()
    expect(page.locator(".line.staff .bubble")).to_have_text(
        "您好，我是负责的社工，明天下午给您打电话。"
    )
    expect(page.locator(".line.staff .fate")).to_contain_text("排队中")
    expect(page.locator(".holder")).to_contain_text("您在答")
    keep(page, f"{name}-3-replied")

    page.get_by_text("还缺东西，请家属补充").click()
    page.get_by_label("要补充什么").fill("请告诉我们监护人的电话。")
    page.get_by_role("button", name="发给家属，等补充").click()
    expect(page.get_by_role("heading", name="等家属补充")).to_be_visible()
    keep(page, f"{name}-4-returned")

    clock.move(minutes=7)
    with office.transaction() as session:
        cases.resubmit(session, case_id=case.id, text="13800000009", by="contact:1", now=office.now)
    page.reload()
    page.get_by_label("记一条").fill("电话打通了，人很客气。")
    page.get_by_role("button", name="记下").click()
    expect(page.locator(".notes li")).to_contain_text("电话打通了")
    page.get_by_role("button", name="通过初审，去做需求评估").click()
    expect(page.get_by_role("heading", name="约时间做需求评估")).to_be_visible()
    page.get_by_role("button", name="说完了，交还给小康").click()
    expect(page.locator(".holder")).to_contain_text("小康")
    fits(page)
    keep(page, f"{name}-5-accepted")

    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_on_a_busy_morning(
    office: Office, clock: MovableClock, open_page: Open, size: str
) -> None:
    ids = busy_morning(office, clock)
    page = open_page(size=SIZES[size])
    page.goto("/console/sign-in")
    fits(page)
    keep(page, f"{size}-sign-in")
    sign_in(page, "limei")
    for name, path in (
        ("queue", "/console"),
        ("mine", "/console?show=mine"),
        ("overdue", "/console?show=overdue"),
        ("case", f"/console/cases/{ids['case']}"),
        ("new-case", f"/console/cases/{ids['new']}"),
        ("crisis", f"/console/tickets/{ids['crisis']}"),
        ("not-found", "/console/cases/999999"),
    ):
        page.goto(path)
        fits(page)
        keep(page, f"{size}-{name}")
    page.goto("/console")
    page.get_by_label("按回执编号、电话或姓名找").fill("138 0000 0002")
    page.get_by_role("button", name="找").click()
    expect(page.get_by_text("找到 1 份")).to_be_visible()
    fits(page)
    keep(page, f"{size}-search")
    for username, name in (("admin", "accounts"), ("audit", "log")):
        other = open_page(size=SIZES[size])
        sign_in(other, username)
        fits(other)
        keep(other, f"{size}-{name}")


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_office_is_kind(office: Office, open_page: Open, size: str) -> None:
    office.staff("limei", name="测试李梅")
    page = open_page(size=SIZES[size])
    sign_in(page, "limei")
    expect(page.get_by_text("都有人接手了")).to_be_visible()
    keep(page, f"{size}-empty")


def test_a_review_with_keys_alone(office: Office, open_page: Open) -> None:
    office.staff("limei", name="测试李梅")
    office.says("o-1", "你好")
    office.case("o-1")
    page = open_page()
    page.goto("/console/sign-in")
    page.keyboard.type("limei")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console")
    reach(page, "康复申请")
    keep(page, "keys-row-in-focus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    reach(page, "我来负责")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("接手了")
    page.get_by_label("回复").focus()
    page.keyboard.type("您好")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".line.staff .bubble")).to_have_text("您好")


def reach(page: Page, name: str) -> None:
    """Go on with the Tab key until something of this name has the focus, and shows it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.innerText || ''")
        if focused.strip() == name:
            outlined = page.evaluate(
                """() => { const e = document.activeElement;
                    return [e, e.closest('.row')].some(
                        f => f && getComputedStyle(f).outlineStyle !== 'none') }"""
            )
            assert outlined, f"{name} has the focus and does not show it"
            return
    raise AssertionError(f"{name} cannot be reached with keys")


def test_a_new_message_appears_and_what_is_typed_stays(office: Office, open_page: Open) -> None:
    office.staff("limei")
    office.says("o-1", "你好")
    case = office.case("o-1")
    page = open_page()
    page.clock.install()
    sign_in(page, "limei")
    page.goto(f"/console/cases/{case.id}")
    page.get_by_label("回复").fill("我写到一半")
    office.says("o-1", "还有一件事")
    page.clock.run_for(16_000)
    expect(page.locator(".lines")).to_contain_text("还有一件事")
    expect(page.get_by_label("回复")).to_have_value("我写到一半")
    page.get_by_role("button", name="发出").click()
    expect(page.locator(".line.staff .bubble")).to_have_text("我写到一半")


def test_counts_follow_and_the_rows_wait(office: Office, open_page: Open) -> None:
    office.staff("limei")
    page = open_page()
    page.clock.install()
    sign_in(page, "limei")
    office.ticket("o-1", "crisis", urgency="urgent")
    page.clock.run_for(31_000)
    expect(page.locator("[data-count=urgent]")).to_have_text("1")
    expect(page.get_by_text("有新的变动")).to_be_visible()
    expect(page.get_by_text("都有人接手了")).to_be_visible()
    page.get_by_role("link", name="点这里看最新的").click()
    expect(page.get_by_role("link", name="危机求助")).to_be_visible()


def test_who_was_signed_out_is_told_without_losing_words(
    office: Office, clock: MovableClock, open_page: Open
) -> None:
    office.staff("limei")
    office.says("o-1", "你好")
    case = office.case("o-1")
    page = open_page()
    page.clock.install()
    sign_in(page, "limei")
    page.goto(f"/console/cases/{case.id}")
    page.get_by_label("记一条").fill("写了很久的备注")
    with office.transaction() as session:
        for row in session.query(StaffSession):
            row.revoked_at = office.now
    page.clock.run_for(16_000)
    expect(page.get_by_text("您已经退出登录了")).to_be_visible()
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_text("刚才写的话还在")).to_be_visible()
    keep(page, "laptop-signed-out")
    page.get_by_label("登录名").fill("limei")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("您写的话")).to_have_value("写了很久的备注")
    keep(page, "laptop-resume")
    page.get_by_role("button", name="接着做").click()
    expect(page.locator(".notes li")).to_contain_text("写了很久的备注")


def test_two_press_at_once_and_one_is_told(office: Office, open_page: Open) -> None:
    office.staff("limei", name="测试李梅")
    office.staff("wang", name="测试王")
    office.case("o-1")
    pages = [open_page(), open_page(size=PHONE)]
    for page, username in zip(pages, ("limei", "wang"), strict=True):
        sign_in(page, username)
        page.get_by_role("link", name="康复申请").click()
    for page in pages:
        page.get_by_role("button", name="我来负责").click()
    expect(pages[0].get_by_role("status")).to_contain_text("接手了")
    expect(pages[1].get_by_role("alert").first).to_contain_text("没有做成")
    expect(pages[1].get_by_role("heading", name="由测试李梅负责")).to_be_visible()
    keep(pages[1], "phone-too-late")


def test_pressing_twice_sends_once(office: Office, open_page: Open) -> None:
    office.staff("limei")
    office.says("o-1", "你好")
    case = office.case("o-1")
    page = open_page()
    sign_in(page, "limei")
    page.goto(f"/console/cases/{case.id}")
    page.get_by_label("回复").fill("只发一次")
    page.get_by_role("button", name="发出").dblclick()
    expect(page.locator(".line.staff .bubble")).to_have_text("只发一次")
    assert len(office.outbox(case.contact_id)) == 1


def test_text_can_be_read(office: Office, clock: MovableClock, open_page: Open) -> None:
    """Contrast of all text against what is behind it, by WCAG 2.2, level AA."""
    ids = busy_morning(office, clock)
    page = open_page()
    page.goto("/console/sign-in")
    faint: list[Any] = list(page.evaluate(FAINT))
    sign_in(page, "limei")
    for path in ("/console", f"/console/cases/{ids['case']}", f"/console/tickets/{ids['crisis']}"):
        page.goto(path)
        faint += page.evaluate(FAINT)
    assert not faint


FAINT = re.sub(
    r"\s+",
    " ",
    """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = e => {
        for (; e; e = e.parentElement) {
            const c = parts(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const e of document.querySelectorAll('body *')) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !e.offsetParent) continue;
        const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.push([e.className, e.textContent.trim().slice(0, 20), contrast]);
    }
    return found;
}""",
)
