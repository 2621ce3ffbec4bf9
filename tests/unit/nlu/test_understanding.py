"""Crisis, intent and plans of one message, put together."""

from __future__ import annotations

import pytest

from bot.dialogue.understanding import EVIDENCE, URGENCY, topics, understand
from bot.nlu.intents import OUTSIDE
from bot.safety import Screening

from .tiny import tiny_model

MODEL = tiny_model()
CALM = Screening(level="none", kind="other", why=())


def _found(level: str, kind: str) -> Screening:
    return Screening(level=level, kind=kind, why=("test",))  # type: ignore[arg-type]


def test_topics_add_up() -> None:
    for screening in (CALM, _found("imminent", "overdose"), _found("risk", "abuse")):
        assert sum(topics("报名", MODEL, screening=screening).values()) == pytest.approx(1.0)


def test_a_danger_to_life_is_what_the_message_is_about() -> None:
    chances = topics("报名", MODEL, screening=_found("imminent", "overdose"))
    assert max(chances, key=chances.__getitem__) == "crisis"


def test_abuse_by_staff_stays_a_complaint() -> None:
    chances = topics("投诉", MODEL, screening=_found("risk", "abuse"))
    assert max(chances, key=chances.__getitem__) == "complaint"


def test_a_drug_emergency_stays_a_side_effect() -> None:
    chances = topics("手抖", MODEL, screening=_found("imminent", "med_emergency"))
    assert max(chances, key=chances.__getitem__) == "side_effect"


def test_the_screening_is_believed_where_it_found_nothing() -> None:
    assert MODEL.parse("刀").intent == "crisis"
    chances = topics("刀", MODEL, screening=CALM)
    assert chances["crisis"] < dict(MODEL.parse("刀").topics)["crisis"] / 2


def test_evidence_and_urgency_speak_of_known_topics() -> None:
    assert {topic for shift in EVIDENCE.values() for topic in shift} <= set(OUTSIDE)
    assert set(URGENCY) == set(OUTSIDE) - {"out_of_scope"}


def test_several_wishes_none_is_dropped_the_urgent_first() -> None:
    found = understand("医保补贴医保补贴，投诉投诉投诉，报名报名报名", MODEL)
    assert set(found.also) | {found.intent} >= {"complaint", "apply_rehab", "policy"}
    assert list(found.also) == sorted(found.also, key=URGENCY.index)


def test_one_wish_is_one() -> None:
    assert understand("报名", MODEL).also == ()


def test_the_published_form() -> None:
    published = understand("每天早上八点吃奥氮平一片", MODEL).to_contract()
    assert set(published) == {"text", "crisis", "intent", "reminders"}
    assert set(published["crisis"]) == {"level", "kind"}
    assert published["intent"]["name"] in OUTSIDE
    assert 0 <= published["intent"]["confidence"] <= 1
    assert published["reminders"][0]["op"] == "set"
