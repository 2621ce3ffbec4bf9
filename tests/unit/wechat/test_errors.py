"""The table of errcodes."""

from __future__ import annotations

import re

import pytest

from bot.wechat.errors import _ROWS, TABLE, TOKEN_CODES, Action, meaning_of

EXPECTED = {
    -1: Action.RETRY,
    40001: Action.REFRESH_TOKEN,
    40014: Action.REFRESH_TOKEN,
    42001: Action.REFRESH_TOKEN,
    40003: Action.STOP_FOR_PERSON,
    43004: Action.STOP_FOR_PERSON,
    43019: Action.STOP_FOR_PERSON,
    48002: Action.STOP_FOR_PERSON,
    50002: Action.STOP_FOR_PERSON,
    50005: Action.STOP_FOR_PERSON,
    45015: Action.OTHER_CHANNEL,
    45047: Action.OTHER_CHANNEL,
    70000: Action.OTHER_CHANNEL,
    43101: Action.CONSENT_MISSING,
    45011: Action.SLOW_DOWN,
    43117: Action.SLOW_DOWN,
    45009: Action.ALARM,
    48001: Action.ALARM,
    48004: Action.ALARM,
    40164: Action.ALARM,
    61004: Action.ALARM,
    40243: Action.ALARM,
    40037: Action.ALARM,
    47003: Action.FIX_CONTENT,
    45002: Action.FIX_CONTENT,
    45008: Action.FIX_CONTENT,
    40007: Action.FIX_CONTENT,
    40241: Action.ALREADY_SENT,
    45080: Action.IGNORE,
    40163: Action.LOGIN_AGAIN,
}


@pytest.mark.parametrize(("code", "action"), EXPECTED.items())
def test_what_to_do(code: int, action: Action) -> None:
    assert meaning_of(code).action is action


def test_every_code_stands_once() -> None:
    assert len(_ROWS) == len(TABLE)


def test_every_action_is_used() -> None:
    assert {row.action for row in TABLE.values()} == set(Action)


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: str(row.code))
def test_staff_read_plain_chinese(row: object) -> None:
    staff = meaning_of(row.code).staff  # type: ignore[attr-defined]
    assert re.search(r"[。！]$", staff)
    assert len(staff) <= 60
    assert not re.search(r"[A-Za-z]{2,}|errcode|token", staff), staff


def test_token_codes() -> None:
    assert {40001, 40014, 42001} <= TOKEN_CODES


@pytest.mark.parametrize(
    ("code", "action"),
    [(99999, Action.OTHER_CHANNEL), (-7, Action.RETRY), (1, Action.OTHER_CHANNEL)],
)
def test_unknown_codes(code: int, action: Action) -> None:
    row = meaning_of(code)
    assert (row.action, row.known) == (action, False)
    assert row.staff
