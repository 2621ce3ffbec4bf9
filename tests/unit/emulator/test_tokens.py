"""The life of access tokens, for the two interfaces that give them out."""

from __future__ import annotations

from typing import Any

import pytest

from bot.emulator.api.tokens import check_token, get_stable_token, get_token
from bot.emulator.emulator import Emulator
from bot.emulator.errors import PlatformError

from .conftest import APP_ID, SECRET, Asking, Clock

OLD = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}


def errcode(call: Any, *args: Any, **query: Any) -> int:
    with pytest.raises(PlatformError) as refused:
        call(*args, **query)
    return refused.value.errcode


def fate(emulator: Emulator, token: str) -> int:
    try:
        check_token(emulator, token)
    except PlatformError as error:
        return error.errcode
    return 0


def test_who_asks_is_checked(ask: Asking) -> None:
    assert errcode(ask, get_token, **{**OLD, "grant_type": "x"}) == 40002
    assert errcode(ask, get_token, **{**OLD, "appid": ""}) == 41002
    assert errcode(ask, get_token, **{**OLD, "appid": "wx1"}) == 40013
    assert errcode(ask, get_token, **{**OLD, "secret": ""}) == 41004
    assert errcode(ask, get_token, **{**OLD, "secret": "wrong"}) == 40125
    assert errcode(ask, get_stable_token, {**OLD, "secret": "wrong"}) == 40125
    assert errcode(ask, get_stable_token, raw=b"{") == 47001


def test_a_token_is_as_long_as_the_platform_warns_of(ask: Asking) -> None:
    answer = ask(get_token, **OLD)
    assert len(answer["access_token"]) == 512
    assert answer["expires_in"] == 7200


def test_each_old_style_token_replaces_the_last_after_five_minutes(
    ask: Asking, emulator: Emulator, clock: Clock
) -> None:
    first = ask(get_token, **OLD)["access_token"]
    second = ask(get_token, **OLD)["access_token"]
    assert first != second
    clock.forward(seconds=299)
    assert fate(emulator, first) == 0
    clock.forward(seconds=2)
    assert fate(emulator, first) == 40001
    assert fate(emulator, second) == 0
    clock.forward(hours=2)
    assert fate(emulator, second) == 42001


def test_a_stable_token_stays_the_same_until_five_minutes_before_its_end(
    ask: Asking, emulator: Emulator, clock: Clock
) -> None:
    first = ask(get_stable_token, OLD)
    clock.forward(minutes=114)
    again = ask(get_stable_token, OLD)
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == 6 * 60
    clock.forward(minutes=1)
    renewed = ask(get_stable_token, OLD)
    assert renewed["access_token"] != first["access_token"]
    assert fate(emulator, first["access_token"]) == 0
    clock.forward(minutes=5)
    assert fate(emulator, first["access_token"]) == 42001
    assert fate(emulator, renewed["access_token"]) == 0


def test_a_forced_renewal_within_thirty_seconds_renews_nothing(ask: Asking, clock: Clock) -> None:
    first = ask(get_stable_token, OLD)["access_token"]
    clock.forward(seconds=29)
    assert ask(get_stable_token, {**OLD, "force_refresh": True})["access_token"] == first
    clock.forward(seconds=1)
    assert ask(get_stable_token, {**OLD, "force_refresh": True})["access_token"] != first


def test_a_second_forced_renewal_ends_the_leaked_token_at_once(
    ask: Asking, emulator: Emulator, clock: Clock
) -> None:
    leaked = ask(get_stable_token, OLD)["access_token"]
    for _ in range(2):
        clock.forward(seconds=30)
        ask(get_stable_token, {**OLD, "force_refresh": True})
    assert fate(emulator, leaked) == 40001


def test_twenty_forced_renewals_a_day(ask: Asking, clock: Clock) -> None:
    force = {**OLD, "force_refresh": True}
    for _ in range(20):
        ask(get_stable_token, force)
        clock.forward(seconds=31)
    assert errcode(ask, get_stable_token, force) == 45009
    clock.forward(days=1)
    assert ask(get_stable_token, force)["access_token"]


def test_the_two_kinds_do_not_touch_each_other(
    ask: Asking, emulator: Emulator, clock: Clock
) -> None:
    stable = ask(get_stable_token, OLD)["access_token"]
    for _ in range(3):
        ask(get_token, **OLD)
    clock.forward(minutes=10)
    assert fate(emulator, stable) == 0


def test_two_thousand_old_style_tokens_a_day(ask: Asking, emulator: Emulator) -> None:
    for _ in range(2000):
        emulator.spend("/cgi-bin/token", 2000)
    assert errcode(ask, get_token, **OLD) == 45009


def test_no_token_and_an_unknown_one(emulator: Emulator) -> None:
    assert fate(emulator, "") == 41001
    assert fate(emulator, "99_unknown") == 40001


def test_tokens_do_not_pile_up(ask: Asking, emulator: Emulator, clock: Clock) -> None:
    for _ in range(60):
        ask(get_stable_token, OLD)
        clock.forward(hours=2)
    assert len(emulator.store.tokens) < 5
