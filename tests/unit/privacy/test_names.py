"""Names nobody has seen before, of all kinds, in the sentences they come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.privacy.masking import mask

NAMES = Path(__file__).parents[2] / "data" / "answers" / "names.txt"
TOLD = ("他叫{}", "姓名：{}", "名字是{}，今年34岁", "患者叫{}，住思明区", "我儿子叫{}", "患者：{}")
ASKED = ("{}", "是{}", "他叫{}。", "{}，男，34岁", "名字：{}")
BESIDE = ("我弟弟{}今年34岁", "患者{}，女", "{}，男，56岁，清丰县", "我女儿{}不吃药", "帮{}申请")
ALONE = ("{}今天又没吃药", "{}的残疾证办下来没有", "投诉{}，态度差", "跟{}说过了")


def read_names() -> dict[str, list[str]]:
    found = {}
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, names = line.split("\t")
            found[kind] = names.split()
    found["latin"] = ["Tom", "Zhang Wei", "Aishan", "Maria", "Wang Ceshi"]
    return found


def open_names(
    kinds: list[str], templates: tuple[str, ...], expecting: str | None = None
) -> list[str]:
    """Sentences in which a name, or two characters of one, stay readable."""
    left = []
    for kind in kinds:
        for name in read_names()[kind]:
            for template in templates:
                text = template.format(name)
                masked = mask(text, expecting=expecting).text
                rest = template.format("〔姓名〕")
                if masked != rest:
                    left.append(f"{text} → {masked}")
    return left


EVERY_KIND = sorted(read_names())


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_announced_names_are_hidden(kind: str) -> None:
    assert open_names([kind], TOLD) == []


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_names_that_were_asked_for_are_hidden(kind: str) -> None:
    assert open_names([kind], ASKED, expecting="name") == []


@pytest.mark.parametrize(
    ("kind", "beside", "alone"),
    [
        ("han3", 0.85, 0.75),
        ("han2", 0.90, 0.85),
        ("compound", 0.85, 0.80),
        ("rare", 0.95, 0.90),
        ("tibetan", 1.0, 1.0),
        ("dotted", 1.0, 1.0),
        ("withheld", 1.0, 1.0),
        ("mongol", 0.85, 0.60),
    ],
)
def test_most_names_that_nothing_announces_are_hidden_too(
    kind: str, beside: float, alone: float
) -> None:
    names = read_names()[kind]
    for templates, least in ((BESIDE, beside), (ALONE, alone)):
        left = open_names([kind], templates)
        share = 1 - len(left) / (len(names) * len(templates))
        assert share >= least, f"{share:.2f} hidden, left open: {left}"
