"""The phone page in a real browser: what its script adds to the forms and links."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.emulator.client import EmulatorClient

from .conftest import Api, FakeBot, passive

_ARGS = [
    "--no-sandbox",  # containers run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    named = os.environ.get("JINGKANG_CHROMIUM")
    path = named or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium: install chromium, or run `playwright install chromium`")
        started = playwright.chromium.launch(executable_path=path, args=_ARGS)
        yield started
        started.close()


@pytest.fixture
def page(chromium: Browser, phone: EmulatorClient) -> Iterator[Page]:
    """A phone-sized window; whatever the console complains of fails the test."""
    context = chromium.new_context(
        base_url=phone.base_url, viewport={"width": 375, "height": 740}, locale="zh-CN"
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def test_a_conversation_without_reloading(
    page: Page, phone: EmulatorClient, bot: FakeBot, api: Api
) -> None:
    page.goto("/")
    page.get_by_placeholder("新人物").fill("测试甲")
    page.get_by_role("button", name="添加").click()
    (person,) = phone.people()
    bot.replies(passive("欢迎您"), passive("请说"), b"")
    page.get_by_role("button", name="关注公众号").click()
    expect(page.locator("#lines")).to_contain_text("欢迎您")
    page.evaluate("window.unchanged = true")

    page.get_by_placeholder("说点什么").fill("我想报名")
    page.keyboard.press("Enter")
    expect(page.locator(".line.person .bubble").last).to_have_text("我想报名")
    expect(page.locator(".line.account .bubble").last).to_have_text("请说")
    expect(page.get_by_placeholder("说点什么")).to_have_value("")

    typing = {"touser": person.openid, "command": "Typing"}
    assert api.call("/cgi-bin/message/custom/typing", typing)["errcode"] == 0
    expect(page.get_by_text("对方正在输入")).to_be_visible()
    items = [{"id": "101", "content": "吃了"}, {"id": "102", "content": "晚点"}]
    menu = {"touser": person.openid, "msgtype": "msgmenu", "msgmenu": {"list": items}}
    api.raw("/cgi-bin/message/custom/send", menu)
    expect(page.get_by_text("对方正在输入")).to_be_hidden()
    page.locator(".choices button").first.click()
    expect(page.locator(".line.person .bubble")).to_have_count(2)
    phone.wait_idle()
    assert bot.fields[-1]["bizmsgmenuid"] == "101"
    assert page.evaluate("window.unchanged") is True


def test_another_person_has_news(page: Page, phone: EmulatorClient, api: Api) -> None:
    first = phone.add_person("测试甲", following=True).openid
    second = phone.add_person("测试乙", following=True).openid
    phone.say(second, "在吗")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/phone/{second}")
    page.goto(f"/phone/{first}")
    row = page.locator(f"li[data-openid='{second}']")
    expect(row.locator(".dot")).to_be_hidden()
    api.send_text(second, "hello")
    expect(row.locator(".dot")).to_be_visible()
    expect(row).to_contain_text("hello")


def test_a_picture_is_chosen_and_sent(
    page: Page, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    page.goto(f"/phone/{person}")
    page.get_by_role("button", name="更多").click()
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d494844520000000100000001080600000"
        "01f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
    page.locator("#file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png})
    expect(page.locator(".picture img")).to_be_visible()
    phone.wait_idle()
    assert bot.fields[0]["MsgType"] == "image"


def test_the_newest_line_is_in_sight_unless_somebody_reads_older_ones(
    page: Page, phone: EmulatorClient, api: Api, person: str
) -> None:
    for number in range(20):
        phone.say(person, f"第{number}句")
    page.goto(f"/phone/{person}")
    lines = page.locator("#lines")
    api.send_text(person, "最新的话")
    expect(lines.get_by_text("最新的话")).to_be_in_viewport()
    lines.evaluate("lines => { lines.scrollTop = 0; }")
    expect(lines.get_by_text("第0句", exact=True)).to_be_in_viewport()
    api.send_text(person, "更新的话")
    expect(lines.get_by_text("更新的话")).to_be_attached()
    expect(lines.get_by_text("第0句", exact=True)).to_be_in_viewport()


def test_the_page_comes_back_after_a_reset(page: Page, phone: EmulatorClient, person: str) -> None:
    phone.say(person, "在吗")
    page.goto(f"/phone/{person}")
    expect(page.locator("#lines")).to_contain_text("在吗")
    phone.reset()
    expect(page.get_by_text("先添加一个人物")).to_be_visible()


def test_the_developers_page_keeps_fresh(
    page: Page, phone: EmulatorClient, bot: FakeBot, person: str
) -> None:
    page.goto("/platform")
    phone.say(person, "在吗")
    details = page.locator("details.push").first
    expect(details).to_contain_text("测试甲")
    details.locator("summary").click()
    page.get_by_role("heading", name="平台后台").click()
    phone.say(person, "第二句")
    expect(page.locator("details.push")).to_have_count(2)
    expect(page.locator("details.push[open]")).to_contain_text("在吗")
