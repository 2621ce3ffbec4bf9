"""Self-checks: every way through ends in a word on every programme, and none in a promise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.policy import self_check
from bot.policy.cards import FOLDER
from bot.policy.self_check import Check, Verdict, default_checks, load_checks
from bot.policy.thesaurus import default_thesaurus

CHECKS = list(default_checks().values())


def ways(check: Check, answers: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """All ways to answer."""
    answers = answers or {}
    question = check.next_question(answers)
    if question is None:
        yield answers
        return
    for choice in question.choices:
        yield from ways(check, {**answers, question.id: choice.value})


def test_the_six_checks_are_there() -> None:
    assert {check.id for check in CHECKS} == {
        "two_subsidies",
        "allowance",
        "guardian_reward",
        "chronic_outpatient",
        "free_medicine",
        "disability_certificate",
    }


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_way_ends_with_a_word_a_window_and_a_source(check: Check) -> None:
    programmes = {rule.programme for rule in check.rules}
    seen = set()
    for answers in ways(check):
        verdicts = check.verdicts(answers)
        assert {rule.programme for rule in verdicts} == programmes
        seen |= {rule.verdict for rule in verdicts}
        result = check.result(answers)
        assert "去哪里问：" in result
        assert "依据：" in result
        assert self_check.CAVEAT in result
        for promise in ("一定", "肯定能", "保证", "可以领到", "元"):
            assert promise not in result
    assert {Verdict.LIKELY, Verdict.MISSING, Verdict.ASK} <= seen


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_choice_is_read_by_its_own_words(check: Check) -> None:
    for question in check.questions:
        for choice in question.choices:
            assert question.read(choice.text) == choice.value
            for word in choice.words:
                assert question.read(word) == choice.value, (question.id, word)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_found_by_its_names_and_offered_for_its_topics(check: Check) -> None:
    assert all(self_check.called(f"测一测{word}") is check for word in check.called)
    assert set(check.topics) <= set(default_thesaurus().concepts)
    assert all(self_check.about(topic) is check for topic in check.topics)


def test_nobody_without_a_certificate_is_told_that_a_subsidy_may_fit() -> None:
    check = default_checks()["two_subsidies"]
    for answers in ways(check):
        if answers["certificate"] != "yes":
            assert all(rule.verdict is not Verdict.LIKELY for rule in check.verdicts(answers))


@pytest.mark.parametrize(
    ("said", "value"),
    [("没有", "no"), ("没有啊", "no"), ("有的", "yes"), ("嗯", "yes"), ("不晓得", "unsure")],
)
def test_everyday_answers(said: str, value: str) -> None:
    assert default_checks()["two_subsidies"].questions[0].read(said) == value


@pytest.mark.parametrize("said", ["", "？", "今天天气真好", "有没有别的补贴可以问问你们那边的人"])
def test_what_answers_nothing_is_not_guessed(said: str) -> None:
    assert default_checks()["two_subsidies"].questions[0].read(said) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('when = { income = ["no"] }', 'when = { wealth = ["no"] }'),
        ('source = "guardian_reward"', 'source = "hearsay"'),
    ],
)
def test_unsound_data_are_refused(tmp_path: Path, old: str, new: str) -> None:
    text = self_check.PATH.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "self_check.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    (tmp_path / "sources.toml").write_bytes((FOLDER / "sources.toml").read_bytes())
    with pytest.raises((ValueError, KeyError)):
        load_checks(path)
