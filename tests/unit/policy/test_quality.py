"""How good the answers are, on questions of our own: below these figures something has broken."""

from __future__ import annotations

import pytest

from tools.eval_policy import FOLDER, Figures, Measured, pairs, words


@pytest.fixture(scope="module")
def measured() -> Measured:
    return Measured(FOLDER)


@pytest.fixture(scope="module")
def figures(measured: Measured) -> Figures:
    return measured.figures()


def test_the_set_is_large_enough(figures: Figures) -> None:
    assert figures.asked >= 150
    assert figures.unanswerable >= 60


# Some points below what is reached, so that new questions do not fail for one answer.
def test_first_citation_is_right(figures: Figures) -> None:
    assert figures.first >= 0.80, figures.wrong


def test_right_clause_is_among_three(figures: Figures) -> None:
    assert figures.three >= 0.92


def test_unanswerable_is_refused(figures: Figures) -> None:
    assert figures.refused >= 0.90, figures.given


def test_every_quote_is_verbatim_and_short(figures: Figures) -> None:
    assert figures.verbatim == 1.0
    assert figures.quotes > figures.asked / 2


def test_far_better_than_plain_bm25(measured: Measured, figures: Figures) -> None:
    for tokens in (pairs, words):
        assert figures.first > measured.plain_bm25(tokens)[0] + 0.3
