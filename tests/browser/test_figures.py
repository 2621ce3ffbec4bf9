"""The figures of a year, looked at on a phone and on a laptop, full and empty."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LAPTOP, PHONE, Open, keep
from tests.browser.people import busy_morning
from tests.browser.test_desk import sign_in
from tests.conftest import MovableClock
from tests.integration.console.office import Office


@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (LAPTOP, "laptop")])
def test_figures(
    office: Office, open_page: Open, clock: MovableClock, size: dict[str, int], name: str
) -> None:
    busy_morning(office, clock)
    page = open_page(size=size)
    sign_in(page, "dudao")
    page.get_by_role("link", name="数字").click()
    assert page.get_by_role("heading", name="每月收到的申请").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    keep(page, f"figures-{name}")
    page.get_by_role("link", name="2024年").click()
    keep(page, f"figures-empty-{name}")
