"""The way from the account's menu to these pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.family.pages import HOME


def with_family_pages(menu: Sequence[dict[str, Any]], *, origin: str) -> list[dict[str, Any]]:
    """The menu with “我的申请” first below its last button; ``origin`` is our own address."""
    *before, last = menu
    link = {"type": "view", "name": "我的申请", "url": f"{origin}{HOME}"}
    return [*before, {**last, "sub_button": [link, *last["sub_button"]]}]
