"""Who, when and whether decide what the same words mean."""

from __future__ import annotations

import pytest

from bot.safety import screen


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("他拿刀了", "imminent"),
        ("他正拿着刀对着我", "imminent"),
        ("他说要拿刀砍人", "risk"),
        ("他一生气就拿刀", "risk"),
        ("刚得病那年他拿过刀", "history"),
        ("他拿过刀，那是十年前的事了", "history"),
        ("他不会拿刀的", "none"),
        ("万一有人拿刀怎么办，有预案吗", "none"),
        ("电视剧里那个人拿刀了", "none"),
        ("他拿刀切菜", "none"),
        ("以前没打过人，今天拿刀了", "imminent"),
        ("去年办的证，他现在拿刀要砍我", "imminent"),
        ("去年出院的他今天拿刀了", "imminent"),
    ],
)
def test_a_knife(text: str, level: str) -> None:
    assert screen(text).level == level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("他割腕了", "imminent"),
        ("他想割腕", "risk"),
        ("我怕他割腕", "risk"),
        ("他割过腕，现在好了", "history"),
        ("他没有割过腕", "none"),
        ("培训讲割腕怎么急救", "none"),
        ("补贴批不下来他就割腕", "risk"),
        ("没有自伤自杀行为", "none"),
        ("不是没想过死", "risk"),
        ("要不是孩子还小我早割腕了", "risk"),
    ],
)
def test_a_wrist(text: str, level: str) -> None:
    assert screen(text).level == level


@pytest.mark.parametrize(
    ("text", "level", "kind"),
    [
        ("我儿子走丢了", "imminent", "missing"),
        ("我儿子走丢了，昨晚找到了", "history", "missing"),
        ("我手机走丢了", "none", "other"),
        ("防走失手环在哪领", "none", "info"),
        ("护工打他", "risk", "abuse"),
        ("他打护工", "imminent", "violence"),
        ("照顾他二十年，我想死", "risk", "caregiver"),
        ("想死你了", "none", "idiom"),
    ],
)
def test_who_and_what(text: str, level: str, kind: str) -> None:
    found = screen(text)
    assert (found.level, found.kind) == (level, kind)


def test_the_worst_clause_decides() -> None:
    assert screen("我以前割过腕。申请怎么填？我又买了农药，不想活了。").level == "imminent"


def test_why_names_the_rules() -> None:
    assert "violence.blade" in screen("他拿刀了").why
    assert screen("你好").why == ()
