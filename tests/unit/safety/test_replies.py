"""Every sentence that is sent in a crisis keeps the safety rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.safety import Level, Screening, crisis_reply

KINDS = (
    "suicide",
    "self_harm",
    "violence",
    "overdose",
    "med_emergency",
    "missing",
    "relapse",
    "abuse",
    "caregiver",
    "homicide_suicide",
)
ALARMS: tuple[Level, ...] = ("imminent", "risk")
LEVELS: tuple[Level, ...] = (*ALARMS, "history")
OF_SELF, OF_OTHER = "我不想活了", "我儿子不想活了"
NUMBERS = {"120", "110", "119", "12356"}
FORBIDDEN = (
    "催吐|抠喉|呕吐|吐出",  # nothing about vomiting
    r"24\s*小时|二十四小时|全天|随时都有人",  # 12356 is not round the clock
    "保密|不告诉别人|不会说出去|替你瞒",  # no secrecy
    "保证|一定能|肯定能|包你|有床位",  # no promise
    r"[\d一二两三半]+\s*(?:片|粒|颗|毫克|mg|克)|加倍|减半|多吃|少吃",  # no dose
    "怎么搞的|都怪|你不该|为什么不早",  # no blame
)


def _replies(level: Level) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind in KINDS:
        for text in (OF_SELF, OF_OTHER, ""):
            for duty in (True, False):
                yield kind, crisis_reply(Screening(level, kind, ()), duty=duty, text=text)
    fire = Screening("imminent", "violence", ("violence.fire",))
    if level == "imminent":
        yield "violence", crisis_reply(fire, duty=False)


@pytest.mark.parametrize("level", LEVELS)
def test_short_enough_for_a_small_screen(level: Level) -> None:
    for kind, parts in _replies(level):
        assert 1 <= len(parts) <= 3, kind
        for part in parts:
            assert len(part.encode()) <= 2048
            assert len(part) <= 90, part


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_nothing_forbidden_is_said(level: Level, forbidden: str) -> None:
    for _, parts in _replies(level):
        for part in parts:
            assert not re.search(forbidden, part), part


@pytest.mark.parametrize("level", LEVELS)
def test_only_known_numbers(level: Level) -> None:
    for _, parts in _replies(level):
        assert set(re.findall(r"\d{3,}", "".join(parts))) <= NUMBERS


def test_the_first_message_says_whom_to_call() -> None:
    for kind, (first, *_) in _replies("imminent"):
        wanted = {"missing": "110", "violence": "110", "abuse": "110", "overdose": "120"}
        assert wanted.get(kind, "1") in first, first
        assert re.search("120|110", first), first


@pytest.mark.parametrize("level", ALARMS)
def test_honest_about_who_is_there(level: Level) -> None:
    for kind in KINDS:
        alone = "".join(crisis_reply(Screening(level, kind, ()), duty=False))
        staffed = "".join(crisis_reply(Screening(level, kind, ()), duty=True))
        assert "没有人值班" in alone
        assert "没有人值班" not in staffed


def test_overdose() -> None:
    said = "".join(crisis_reply(Screening("imminent", "overdose", ()), duty=False))
    for word in ("吃的是什么", "多少", "几点", "药盒", "侧躺", "别喂"):
        assert word in said


@pytest.mark.parametrize("text", [OF_SELF, OF_OTHER])
@pytest.mark.parametrize("level", ALARMS)
def test_suicide(level: Level, text: str) -> None:
    said = "".join(crisis_reply(Screening(level, "suicide", ()), duty=False, text=text))
    assert "药" in said
    assert "刀" in said
    assert "一个人" in said  # somebody stays
    if text is OF_OTHER:
        assert "你是不是想死" in said
        assert "别骂" in said
    else:
        assert "12356" in said


def test_fire_is_left_first() -> None:
    first, *_ = crisis_reply(Screening("imminent", "violence", ("violence.fire",)), duty=False)
    assert first.startswith("先跑出来")


def test_history_asks_once_and_goes_on() -> None:
    for kind in KINDS:
        parts = crisis_reply(Screening("history", kind, ()), duty=True)
        assert "".join(parts).count("？") == 1, parts
        assert "现在" in parts[0]


def test_nothing_is_said_to_nothing() -> None:
    assert crisis_reply(Screening("none", "idiom", ()), duty=True) == ()
