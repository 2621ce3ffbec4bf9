"""From the mother's first word on the emulated phone to the social worker's reply on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LAPTOP, PHONE, keep
from tests.families import family
from tests.system import System

REPLY = "您好，我看过申请了，明天上午给您打电话。"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    running = System(tmp_path_factory.mktemp("whole-way") / "installation")
    running.start()
    yield running
    running.stop()


def test_the_reply_arrives_on_the_phone(system: System, browser: Browser) -> None:
    mother = family(system.emulator(), 1)
    phone = browser.new_context(
        base_url=system.emulator_url, viewport=PHONE, is_mobile=True, has_touch=True
    ).new_page()
    phone.goto(f"/phone/{mother.openid}")
    number = mother.apply()
    expect(phone.get_by_text(number).last).to_be_visible()
    keep(phone, "whole-way-1-phone-receipt")

    login = json.loads(Path(system.data_dir, "demo-login.json").read_text())
    desk = browser.new_context(base_url=system.web_url, viewport=LAPTOP, locale="zh-CN").new_page()
    desk.goto("/console")
    desk.get_by_label("登录名").fill(login["username"])
    desk.get_by_label("密码").fill(login["password"])
    desk.get_by_role("button", name="登录").click()
    keep(desk, "whole-way-2-queue")
    desk.get_by_role("link", name="康复申请").first.click()
    desk.get_by_role("button", name="我来负责").click()
    expect(desk.get_by_role("status")).to_contain_text("接手了")
    desk.get_by_label("回复").fill(REPLY)
    desk.get_by_role("button", name="发出").click()

    system.emulator().wait_message(mother.openid, contains=REPLY)
    expect(phone.get_by_text(REPLY).last).to_be_visible()
    keep(phone, "whole-way-3-phone-reply")
    desk.reload()
    expect(desk.locator(".line.staff .fate").last).to_contain_text("送达")
    keep(desk, "whole-way-4-case")

    assert mother.say("好的谢谢", silent=True) == "", "the bot is silent once a person has answered"
    desk.reload()
    expect(desk.get_by_text("好的谢谢")).to_be_visible()
    phone.context.close()
    desk.context.close()
