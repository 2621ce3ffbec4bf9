"""Policy in a browser: the desk at both widths without scripts, and what families open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.installation import Installation
from tests.browser.conftest import LAPTOP, PHONE, Open, keep
from tests.browser.test_desk import fits, sign_in
from tests.conftest import MovableClock
from tests.integration.family.home import Home
from tests.integration.policy.talk import FUJIAN, Talk

SIZES = {"phone": PHONE, "laptop": LAPTOP}


@pytest.fixture
def office(installation: Installation) -> Iterator[Home]:
    """Console and family pages together, in place of the console alone."""
    return Home(installation)


@pytest.mark.parametrize("size", SIZES)
def test_from_a_file_to_an_answer_and_its_page(
    office: Home, open_page: Open, tmp_path: Path, size: str, clock: MovableClock
) -> None:
    office.staff("limei", name="测试李梅")
    office.staff("wangfang", name="测试王芳")
    for question in ("社区里能不能帮忙修轮椅", "社区能不能帮忙修一下轮椅", "残疾证怎么办"):
        Talk(office.installation).say(question)
    page = open_page(size=SIZES[size], script=False)
    sign_in(page, "limei")
    page.get_by_role("link", name="政策", exact=True).click()
    broken = tmp_path / "坏的.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")
    page.get_by_label("选文件").set_input_files(broken)
    page.get_by_role("button", name="读一读").click()
    expect(page.get_by_role("alert")).to_contain_text("没有收下")
    keep(page, f"{size}-policy-0-broken")
    notice = tmp_path / "通知.txt"
    notice.write_text(FUJIAN, encoding="gb18030")
    page.get_by_label("选文件").set_input_files(notice)
    page.get_by_role("button", name="读一读").click()
    expect(page.get_by_text("照护者喘息服务每年不少于10天")).to_be_visible()
    fits(page)
    keep(page, f"{size}-policy-1-preview")
    page.get_by_label("适用哪里").fill("福建省")
    page.get_by_role("button", name="发布，让小康照着答").click()
    expect(page.get_by_role("status")).to_contain_text("从现在起照着它答")
    fits(page)
    keep(page, f"{size}-policy-2-document")

    page.get_by_role("link", name="政策", exact=True).click()
    keep(page, f"{size}-policy-3-documents")
    page.get_by_role("link", name="家属在问", exact=True).click()
    expect(page.get_by_text("2 次")).to_be_visible()
    fits(page)
    keep(page, f"{size}-policy-4-questions")
    page.get_by_role("button", name="写一张卡片来答它").click()
    page.get_by_label("回答").fill("可以，县残联每月十五号有人上门修辅具。")
    page.get_by_label("适用哪里").fill("仙游县")
    page.get_by_label("依据哪份文件").fill("仙游县残联答复")
    page.get_by_label("第几条").fill("电话答复")
    page.get_by_label("文件日期").fill("2026-11-20")
    page.get_by_role("button", name="存下来").click()
    expect(page.get_by_role("heading", name="请另一位同事来审")).to_be_visible()
    fits(page)
    keep(page, f"{size}-policy-5-card")

    other = open_page(size=SIZES[size], script=False)
    sign_in(other, "wangfang")
    other.goto(re.sub(r"\?.*", "", page.url))
    other.get_by_role("button", name="审过了，发布").click()
    expect(other.get_by_role("heading", name="正在用它回答")).to_be_visible()
    other.get_by_role("link", name="答案卡片").first.click()
    other.get_by_role("link", name="已发布").click()
    fits(other)
    keep(other, f"{size}-policy-6-cards")
    clock.move(days=170)
    other = open_page(size=SIZES[size], script=False)
    sign_in(other, "wangfang")
    other.goto("/console/policy/cards?show=check")
    fits(other)
    keep(other, f"{size}-policy-7-check")
    other.goto("/console/policy/cards?show=product")
    fits(other)

    for number, question in enumerate(("我们家在仙游县，喘息服务一年有多少天", "残疾证怎么办")):
        answer = Talk(office.installation).say(question)
        found = re.search(r"看全文：http://[^/]+(\S+)", answer)
        assert found, answer
        family = open_page(size=SIZES[size], script=False)
        family.goto(found[1])
        expect(family.get_by_role("heading", level=1)).to_be_visible()
        wide = family.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
        keep(family, f"{size}-policy-8-family-{number}")
