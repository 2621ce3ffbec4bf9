"""No card without a source and dates; a card past its date says so."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.policy.answer import answer
from bot.policy.cards import FOLDER, check_cards, default_cards, load_cards
from bot.policy.index import PolicyIndex
from bot.policy.thesaurus import default_thesaurus


def test_every_card_has_region_source_clause_and_dates() -> None:
    assert check_cards() == []


def test_there_are_enough_of_them() -> None:
    assert len(default_cards()) >= 120


def test_topics_are_concepts_that_questions_can_name() -> None:
    unknown = {topic for card in default_cards() for topic in card.topics}
    assert unknown <= set(default_thesaurus().concepts)


def test_no_card_tells_a_telephone_that_is_not_confirmed() -> None:
    assert not [card.id for card in default_cards() if "12385" in card.text]
    line = next(card for card in default_cards() if card.id == "hotline-12356")
    assert "24小时" not in line.text


CARD = """
[[card]]
id = "wrong"
topics = ["apply"]
questions = ["怎么申请"]
answer = "去窗口申请。"
region = ""
source = "mental_health_law"
clause = "第五十四条"
checked = 2026-11-23
check_again_by = 2027-06-30
"""

SPOILT = {
    "lacks source": CARD.replace('source = "mental_health_law"\n', ""),
    "lacks clause": CARD.replace("第五十四条", ""),
    "lacks checked": CARD.replace("checked = 2026-11-23\n", ""),
    "lacks check_again_by": CARD.replace("check_again_by = 2027-06-30\n", ""),
    "lacks region": CARD.replace('region = ""\n', ""),
    "unknown source": CARD.replace("mental_health_law", "hearsay"),
    "must be after checked": CARD.replace("2027-06-30", "2026-01-01"),
    "is no date": CARD.replace("2026-11-23", '"2026"'),
    "unknown region": CARD.replace('region = ""', 'region = "999999"'),
    "amount needs amount_date": CARD + 'amount = "每月80元"\n',
    "names an amount": CARD.replace("去窗口申请。", "每人每月发80元。"),
    "unknown keys": CARD + 'colour = "red"\n',
    "longer than 200": CARD.replace("去窗口申请。", "去窗口申请。" * 40),
    "exists 2 times": CARD + CARD,
}


@pytest.mark.parametrize("problem", SPOILT)
def test_an_unsound_card_fails_the_build(problem: str, tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(FOLDER, folder)
    (folder / "cards" / "spoilt.toml").write_text(SPOILT[problem], encoding="utf-8")
    assert any(problem in sentence for sentence in check_cards(folder))
    with pytest.raises(ValueError, match="wrong"):
        load_cards(folder)


def test_a_card_past_its_date_says_so() -> None:
    card = next(card for card in default_cards() if card.id == "two-subsidies-who")
    index = PolicyIndex.build([], [card])
    for day, noted in (
        (card.check_again_by, False),
        (card.check_again_by + timedelta(days=1), True),
    ):
        found = answer("残疾人两项补贴谁可以领", region=None, index=index, today=day)
        assert found.answered
        assert ("核对的，已经有些日子" in found.text) == noted
        assert f"依据：{card.source.number}" in found.text


def test_every_card_is_due_to_be_checked_within_a_year() -> None:
    for card in default_cards():
        assert card.check_again_by - card.checked <= timedelta(days=366), card.id
        assert card.checked <= date(2026, 12, 31), card.id
