"""What is said about medicines, and the answers that never name a dose."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety import MedicationConcern, check, medication_reply, screen

DEV = Path(__file__).resolve().parents[2] / "data" / "crisis" / "dev.jsonl"
ROUNDS = sorted((DEV.parents[1] / "medication").glob("round_*.jsonl"))
KINDS = (
    "side_effect",
    "missed_dose",
    "extra_dose",
    "self_reduction",
    "self_stop",
    "self_increase",
    "hide_in_food",
    "no_prescription",
    "interaction",
    "pregnancy",
    "alcohol",
    "deceased",
    "refusing_medicine",
)
FORBIDDEN = (
    r"[\d一二两三半]+\s*(?:片|粒|颗|毫克|mg)|减半|补吃一|下次吃",  # no dose, no catch-up dose
    "可以停|可以减|可以加|先停了|先减",
    "拌在|混在|碾碎|磨碎|溶在|放在饭",  # no instructions for hiding
    "催吐|保证|24小时",
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("太困了帮我减半片", "self_reduction"),
        ("我想给他少吃一粒行不行", "self_reduction"),
        ("昨晚忘吃了，早上补不补", "missed_dose"),
        ("长效针晚了十天没打", "missed_dose"),
        ("感觉好了不想吃药了", "self_stop"),
        ("能不能停药", "self_stop"),
        ("我想多吃一片", "self_increase"),
        ("药能不能拌在饭里给他吃", "hide_in_food"),
        ("偷偷下药行吗", "hide_in_food"),
        ("网上能买到利培酮吗", "no_prescription"),
        ("奥氮平和感冒药能一起吃吗", "interaction"),
        ("怀孕了还能吃丙戊酸钠吗", "pregnancy"),
        ("吃着药能喝酒吗", "alcohol"),
        ("他死活不肯吃药", "refusing_medicine"),
        ("一直流口水枕头都湿了", "side_effect"),
        ("今天吃了两遍药", "extra_dose"),
        ("人都没了还提醒啥", "deceased"),
        ("我妈走了，不用提醒了", "deceased"),
        ("他已经去世了", "deceased"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    concern = check(text)
    assert concern is not None
    assert concern.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "医生让减半片",
        "早上八点提醒吃药",
        "吃过了",
        "药吃完了去哪开",
        "他爸昨天走了，请几天假",
        "爸爸去世了，监护人换成我可以吗",
        "低保停了",
        "我先走了",
        "你好",
    ],
)
def test_nothing_to_answer(text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("吃了药有点便秘", "mild"),
        ("吃药后坐立不安一刻也停不下来", "urgent"),
        ("拉莫三嗪吃了起皮疹", "urgent"),
        ("吃氯氮平发烧嗓子疼", "emergency"),
        ("打了针脖子歪到一边", "emergency"),
        ("碳酸锂吃了又吐又拉走不稳", "emergency"),
    ],
)
def test_severity(text: str, severity: str) -> None:
    concern = check(text)
    assert concern is not None
    assert (concern.kind, concern.severity) == ("side_effect", severity)


def test_emergencies_agree_with_the_screening() -> None:
    for line in map(json.loads, DEV.read_text().splitlines()):
        found, concern = screen(line["text"]), check(line["text"])
        if found.level == "imminent" and found.kind in ("med_emergency", "overdose"):
            assert concern is not None
            assert concern.kind == "deceased" or concern.severity == "emergency", line["text"]
        elif concern is not None:
            assert concern.severity != "emergency", line["text"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("severity", ["mild", "urgent", "emergency"])
def test_answers_keep_the_rules(kind: str, severity: str) -> None:
    parts = medication_reply(MedicationConcern(kind, severity, ()))  # type: ignore[arg-type]
    assert 1 <= len(parts) <= 2
    for part in parts:
        assert len(part) <= 90
        for forbidden in FORBIDDEN:
            assert not re.search(forbidden, part), part


def test_a_missed_dose_is_not_doubled() -> None:
    said = "".join(medication_reply(MedicationConcern("missed_dose", "mild", ())))
    assert "千万别把两次的并在一起" in said
    assert "医生或药师" in said


@pytest.mark.parametrize("stopped", [True, False])
def test_condolences(stopped: bool) -> None:
    concern = MedicationConcern("deceased", "mild", ())
    said = "".join(medication_reply(concern, reminders_stopped=stopped))
    assert "？" not in said
    assert "吗" not in said
    assert ("提醒都已经停了" in said) is stopped


@given(st.text())
def test_any_text(text: str) -> None:
    assert check(text) == check(text)


@pytest.mark.parametrize("path", ROUNDS, ids=lambda path: path.stem)
def test_sentences_written_apart_from_the_words(path: Path) -> None:
    """Recorded when they were mended: 81 of 90, 54 of 57; a side effect that names no medicine is
    left to the intent."""
    wrong = []
    for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        concern = check(line["text"])
        kind = concern.kind if concern else "none"
        if kind not in (line["kind"], *line.get("also", ())):
            wrong.append((line["kind"], kind, line["text"]))
    total = len(path.read_text(encoding="utf-8").splitlines())
    assert len(wrong) <= 0.12 * total, wrong
