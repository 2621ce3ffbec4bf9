"""A supervisor handles a complaint, on a phone and on a laptop."""

from __future__ import annotations

import pytest

from bot.casework.complaints import actions
from tests.browser.conftest import LAPTOP, PHONE, Open, keep
from tests.browser.test_desk import sign_in
from tests.integration.console.office import Office


@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (LAPTOP, "laptop")])
def test_from_received_to_answered(
    office: Office, open_page: Open, size: dict[str, int], name: str
) -> None:
    office.staff("boss", "supervisor", name="测试督导")
    contact = office.contact("o-1")
    with office.transaction() as session:
        for what, manner in (
            ("测试康复站每个月多收我们两百块，也不给发票", "named"),
            ("他们把人绑在床上，一绑一下午", "anonymous"),
        ):
            actions.lodge(
                session,
                about_what=what,
                about_whom="测试康复站，姓测的会计，上个月",
                manner=manner,
                urgent=False,
                contact_id=contact,
                source_key=what,
                now=office.now,
            )
    page = open_page(size=size)
    sign_in(page, "boss")
    page.get_by_role("link", name="投诉").first.click()
    assert page.locator(".complaints li").first.inner_text().startswith("关人")
    keep(page, f"complaints-{name}")
    page.get_by_role("link", name="收费不合规").click()
    page.get_by_role("button", name="受理", exact=True).click()
    page.get_by_label("写下来").fill("看了账，确实多收。")
    page.get_by_role("button", name="记下").click()
    keep(page, f"complaint-{name}")
    page.get_by_label("查到了什么").fill("多收的钱退给您了。")
    page.get_by_role("button", name="答复").click()
    assert page.get_by_text("等投诉人说满意不满意").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
