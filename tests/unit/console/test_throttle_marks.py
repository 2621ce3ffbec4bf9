from __future__ import annotations

import pytest

from bot.console import throttle

SECRET = b"s" * 32


def test_a_mark_names_its_browser_for_its_account_alone() -> None:
    mark = throttle.new_mark("li", secret=SECRET)
    browser = throttle.browser_of(mark, "li", secret=SECRET)
    assert browser
    assert throttle.browser_of(mark, "wang", secret=SECRET) is None
    assert throttle.browser_of(mark, "li", secret=b"t" * 32) is None
    assert throttle.new_mark("li", secret=SECRET) != mark


@pytest.mark.parametrize("mark", [None, "", ".", "a", "a.", ".b", "a.b.c", "a.é", "a." + "0" * 64])
def test_what_is_no_mark_names_nothing(mark: str | None) -> None:
    assert throttle.browser_of(mark, "li", secret=SECRET) is None
