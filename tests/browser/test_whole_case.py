"""A whole case in browsers: phones that WeChat (emulated) names, and the desk, with pictures.

From the application on the phone to closure with onward referral; three months pass on the way.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.casework.models import Case, Staff
from bot.clock import LOCAL
from bot.emulator.client import EmulatorClient
from bot.installation import Installation
from tests.browser.conftest import LAPTOP, PHONE, Open, keep
from tests.browser.test_desk import fits, sign_in
from tests.conftest import MovableClock
from tests.integration.family.emulated import serving
from tests.integration.family.home import Home
from tests.integration.family.test_web_login import web_login
from tests.integration.family.test_whole_case import FIVE, TEAM, TERMS, open_institution, train


@pytest.fixture
def office(installation: Installation) -> Iterator[Home]:
    """Console and family pages together, in place of the console alone."""
    return Home(installation)


@pytest.fixture
def emulator(office: Home, address: str) -> Iterator[EmulatorClient]:
    with serving(office.installation) as client:
        office.installation.settings.public_url = address
        office.app.state.web_login = web_login(office.installation, client.base_url)
        yield client


def phone_of(open_page: Open, emulator: EmulatorClient, name: str, address: str) -> Page:
    """A phone on which this person opens a page of ours from WeChat."""
    emulator.add_person(name, following=True)
    page = open_page(size=PHONE)
    page.goto(address)
    page.get_by_role("link", name=name).click()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def unfold(page: Page, title: str) -> None:
    page.locator("summary", has_text=title).click()


def test_from_application_to_closure(
    office: Home, open_page: Open, emulator: EmulatorClient, address: str, clock: MovableClock
) -> None:
    li = office.staff("limei", name="测试李梅")
    train(office, li.id, clock)
    mother = phone_of(open_page, emulator, "测试妈妈", f"{address}/family")
    mother.get_by_role("link", name="填申请").click()
    press(mother, "我同意，开始填")
    mother.get_by_label("爸爸或妈妈").check()
    keep(mother, "case-01-phone-form")
    press(mother, "存好，下一步")
    mother.get_by_label("患者叫什么名字").fill("测试甲")
    mother.get_by_label("哪一年出生").fill("34岁")
    mother.get_by_label("哪个县").fill("思明区")
    press(mother, "存好，下一步")
    mother.get_by_label("建议过", exact=True).check()
    mother.get_by_label("白天去机构").check()
    press(mother, "存好，下一步")
    mother.get_by_label("打哪个电话").fill("13900000001")
    press(mother, "存好，下一步")
    mother.get_by_label("是", exact=True).check()
    mother.get_by_label("同意", exact=True).check()
    mother.get_by_label("还没问过").check()
    press(mother, "存好，下一步")
    keep(mother, "case-02-phone-review")
    press(mother, "都对，交给社工")
    expect(mother.get_by_role("status")).to_contain_text("交上去了")
    own = mother.url.split("?")[0]

    desk = open_page(size=LAPTOP)
    sign_in(desk, "limei")
    desk.get_by_role("link", name="康复申请").first.click()
    press(desk, "我来负责")
    press(desk, "通过初审，去做需求评估")
    desk.get_by_label("评估结论和理由").fill("需要有人督促吃药。")
    fits(desk)
    press(desk, "签下需求评估")
    expect(desk.get_by_text("还缺患者本人的同意")).to_be_visible()
    keep(desk, "case-03-desk-what-is-missing")

    unfold(desk, "发一个绑定码")
    desk.get_by_role("radio", name="患者本人").last.check()
    press(desk, "发绑定码")
    code = desk.locator(".notice.code strong").inner_text()
    keep(desk, "case-04-desk-binding-code")
    patient = phone_of(open_page, emulator, "测试甲", f"{address}/family/bind/{code}")
    keep(patient, "case-05-phone-binding")
    press(patient, "绑定")
    expect(patient.get_by_role("status")).to_contain_text("您是患者本人")
    keep(patient, "case-06-phone-consent")
    press(patient, "我是患者本人，我同意")

    today = clock().astimezone(LOCAL).date()
    desk.goto(desk.url.split("/do/")[0])
    desk.get_by_label("平台登记编号").fill("测-0001")
    desk.get_by_label("登记日期").fill(today.isoformat())
    press(desk, "登记好了")
    place = open_institution(office, clock)
    case_address = desk.url.split("?")[0]
    clock.move(days=93)
    sign_in(desk, "limei")
    desk.goto(case_address)
    expect(desk.get_by_role("heading", name="再问一次意愿和情况")).to_be_visible()
    keep(desk, "case-07-desk-recheck")
    desk.get_by_label("现在的意愿和情况").fill("还愿意等。")
    press(desk, "问过了，还愿意等")
    keep(desk, "case-08-desk-proposal")
    press(desk, "转介过去")

    office.staff("jigou", role="institution_staff", name="测试站长")
    with office.transaction() as session:
        session.query(Staff).filter_by(username="jigou").one().institution_id = place
    station = open_page(size=LAPTOP)
    sign_in(station, "jigou")
    station.get_by_role("link", name="测**").click()
    press(station, "接收")
    for label, name in zip(("精神科医生", "护士", "康复师", "社工"), TEAM.values(), strict=False):
        station.get_by_label(f"{label}（姓名）").fill(name)
    station.get_by_label("康复意见").fill(TEAM["opinion"])
    press(station, "记下综合评估")
    for label, words in zip(
        ("服务内容", "服务标准", "收费", "服务形式"), TERMS.values(), strict=True
    ):
        station.get_by_label(label).fill(words)
    press(station, "准备好了，请各位签字")
    expect(station.get_by_text("还缺签字")).to_be_visible()
    keep(station, "case-09-institution-papers")

    for phone in (patient, mother):
        for _ in range(2):
            phone.goto(own)
            phone.get_by_role("link", name="看一看，再签字").first.click()
            phone.get_by_role("button", name="签字").click()
    keep(patient, "case-10-phone-signed")
    station.reload()
    station.get_by_role("button", name="机构签好了").click()
    press(station, "开始服务")
    unfold(station, "记一次服务")
    today = clock().astimezone(LOCAL).date()
    station.get_by_label("哪一天").fill(today.isoformat())
    station.get_by_label("多少分钟").fill("90")
    station.get_by_label("白天去机构（日间）").check()
    station.get_by_label("做了什么").fill("做手工")
    press(station, "记下")
    mother.goto(own)
    keep(mother, "case-11-phone-service")
    mother.get_by_role("button", name="做了").click()
    expect(mother.get_by_text("您说做了")).to_be_visible()

    unfold(station, "病情复发，走绿色通道")
    station.get_by_label("看到了什么情况").fill("几天没睡")
    station.get_by_label("联系哪家医院").fill("测试医院")
    press(station, "走绿色通道")
    mother.reload()
    expect(mother.get_by_text("现在：住院中")).to_be_visible()
    press(station, "回来了，接着服务")
    for label, words in zip(
        ("康复效果", "疾病状态", "生活自理能力", "就业意愿", "就业能力"), FIVE.values(), strict=True
    ):
        station.get_by_label(label).fill(words)
    station.get_by_label("可以", exact=True).check()
    press(station, "记下定期评估")
    station.get_by_label("推荐就业").check()
    station.get_by_label("和谁联系").fill("和测试残疾人之家谈好了。")
    press(station, "准备转出")

    desk.goto(case_address)
    keep(desk, "case-12-desk-closing")
    desk.get_by_label("国家平台上登记结案的日期").first.fill(today.isoformat())
    press(desk, "结案")
    expect(desk.get_by_text("已经结案")).to_be_visible()
    mother.goto(own)
    expect(mother.get_by_text("现在：已结案")).to_be_visible()
    keep(mother, "case-13-phone-closed")
    with office.transaction() as session:
        assert session.query(Case).one().stage == "closed"
