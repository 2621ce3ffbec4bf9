"""What the classifier sees of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.features import VIEWS, FeatureReader, Span, Vocabulary, tidy

READER = FeatureReader(
    Vocabulary(
        words={
            "diagnosis": ["精神病", "双相"],
            "hospital": ["精神病院", "医院"],
            "relation": ["儿子", "孩儿"],
            "drug": ["奥氮平"],
            "work": ["上班"],
            "person_wanted": ["上班", "几点上班"],
        },
        shapes={"clock": [r"\d{1,2}点半?"], "phone": [r"〔电话〕"]},
        rewrite={"俺": "我", "咋": "怎么", "咋办": "怎么办", "双向": "双相"},
    )
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("  早　上 \n 好 ", "早 上 好"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("藥吃過了", "药吃过了"),
        ("", ""),
    ],
)
def test_tidy(written: str, expected: str) -> None:
    assert tidy(written) == expected


def test_dialect_becomes_common_words_the_longest_first() -> None:
    assert READER.common("俺咋办") == "我怎么办"
    assert READER.common("俺咋去") == "我怎么去"


def test_the_longest_known_word_wins_and_nothing_overlaps() -> None:
    assert READER.spans("送精神病院") == [Span(1, 5, "hospital")]


def test_a_word_at_the_end_keeps_its_end() -> None:
    # 精神病 ends where 精神病院 would need one more character.
    assert READER.spans("他有精神病") == [Span(2, 5, "diagnosis")]


def test_a_shape_wins_over_a_word() -> None:
    assert READER.spans("9点半奥氮平") == [Span(0, 3, "clock"), Span(3, 6, "drug")]


def test_mentions_stand_where_they_were_written() -> None:
    text = "我兒子在精神病院，吃奧氮平"
    found = READER.mentions(text, {"relation", "hospital", "diagnosis", "drug"})
    assert [(text[span.start : span.end], span.concept) for span in found] == [
        ("兒子", "relation"),
        ("精神病院", "hospital"),
        ("奧氮平", "drug"),
    ]


def test_mentions_are_of_the_concepts_asked_for() -> None:
    assert READER.mentions("几点上班", {"work"}) == []
    assert READER.mentions("想上班", {"work"}) == [Span(1, 3, "work")]


def test_views() -> None:
    counted = READER.count("儿子9点吃奥氮平")
    assert counted["c"]["儿子"] == 1
    assert "0点" in counted["c"], "figures are all the same to the characters' view"
    assert counted["s"]["<clock>吃<drug>"] == 1
    assert set(counted["p"]) == {
        "clock",
        "drug",
        "relation",
        "clock+drug",
        "clock+relation",
        "drug+relation",
    }


def test_relatives_and_drugs_are_interchangeable_in_the_abstract_view() -> None:
    assert READER.count("儿子没上班")["s"] == READER.count("孩儿没上班")["s"]


def test_overlapping_words_all_count_as_concepts() -> None:
    assert {"work", "person_wanted"} <= set(READER.count("几点上班")["p"])


def test_what_masking_left_is_no_character_but_a_shape() -> None:
    counted = READER.count("打〔电话〕找我")
    assert not any("〔" in gram or "话" in gram for gram in counted["c"])
    assert counted["p"]["phone"] == 1


@given(st.text())
def test_any_text_can_be_counted(text: str) -> None:
    counted = READER.count(text)
    assert set(counted) == set(VIEWS)
    for span in READER.mentions(text, {"drug", "relation", "hospital"}):
        assert 0 <= span.start < span.end <= len(text)
