"""The account's menu: three buttons, five below each (official page of menu/create).

A phone shows a new menu at once here; a real one fetches it after about five minutes.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from bot.emulator.api.call import OK, Call, Interface
from bot.emulator.errors import PlatformError
from bot.emulator.model import Gone, Menu

MAX_COLUMNS, MAX_ROWS = 3, 5
_MAX_NAME = {"top": 16, "sub": 60}
_MAX_KEY, _MAX_URL = 128, 1024
_KEYED = frozenset(
    [
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    ]
)
_REQUIRED = {
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "media_id": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}


class _Request(Struct):
    button: list[dict[str, Any]]


def create(call: Call) -> dict[str, Any]:
    if re.search(rb"\\u[0-9a-fA-F]{4}", call.body):
        raise PlatformError(40033)
    buttons = call.read(_Request).button
    if not 1 <= len(buttons) <= MAX_COLUMNS:
        raise PlatformError(40016)
    for button in buttons:
        _check_top(button)
    call.emulator.store.commit(Menu(buttons))
    return OK


def _check_top(button: dict[str, Any]) -> None:
    rows = button.get("sub_button")
    if not rows:
        _check(button, "top")
        return
    _check_name(button, "top")
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise PlatformError(40023)
    for row in rows:
        if not isinstance(row, dict):
            raise PlatformError(40023)
        if row.get("sub_button"):
            raise PlatformError(40022)
        _check(row, "sub")


def _check_name(button: dict[str, Any], level: str) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= _MAX_NAME[level]:
        raise PlatformError(40018 if level == "top" else 40025)


def _check(button: dict[str, Any], level: str) -> None:
    top = level == "top"
    _check_name(button, level)
    kind = button.get("type")
    if kind in _KEYED:
        if not 1 <= len(str(button.get("key", "")).encode()) <= _MAX_KEY:
            raise PlatformError(40019 if top else 40026)
    elif kind in _REQUIRED:
        for name in _REQUIRED[kind]:
            if not 1 <= len(str(button.get(name, "")).encode()) <= _MAX_URL:
                raise PlatformError(40020 if top else 40027)
    else:
        raise PlatformError(40017 if top else 40024)


def get(call: Call) -> dict[str, Any]:
    menu = call.emulator.store.menu
    if menu is None:
        raise PlatformError(46003)
    return {"menu": {"button": [{"sub_button": [], **button} for button in menu.buttons]}}


def delete(call: Call) -> dict[str, Any]:
    call.emulator.store.commit(Gone("menu", ""))
    return OK


INTERFACES = (
    Interface(method="POST", path="/cgi-bin/menu/create", answer=create, daily=1_000),
    Interface(method="GET", path="/cgi-bin/menu/get", answer=get, daily=10_000),
    Interface(method="GET", path="/cgi-bin/menu/delete", answer=delete, daily=1_000),
)
