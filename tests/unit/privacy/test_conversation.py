"""Whole applications: nothing personal is left in any message, whatever was asked."""

from __future__ import annotations

import pytest

from bot.privacy.masking import KnownValue, mask

MOTHER = [
    ("我想给我儿子申请社区康复", None),
    ("我是他妈妈", None),
    ("王测试", "name"),
    ("34岁", None),
    ("厦门思明区的，住湖滨测试路12号3栋501", None),
    ("医生说可以", None),
    ("都行", None),
    ("138 0000 0001", "phone"),
    ("同意", None),
    ("电话写错了，是幺三九零零零零零零零一", None),
    ("测试今天又没吃药，王测试他爸说打13900000001", None),
    ("他身份证110101199003070038要不要", None),
    ("对", None),
    ("王 测 试到哪一步了", None),
]
PATIENT = [
    ("我自己申请，我叫欧阳测试甲，住濮阳县测试镇测试村三组", None),
    ("欧阳测试甲", "name"),
    ("１３９００００００００１", "phone"),
    ("13900000001", "phone"),
    ("微信ceshi_jia01也行，邮箱ceshi@example.com", None),
    ("我是欧阳测试甲，取消不了吗", None),
]
TIBETAN = [
    ("孩子叫扎西次仁，住林芝巴宜区测试街道8号", None),
    ("扎西次仁", "name"),
    ("次仁最近好些了", None),
    ("找旦增卓玛，13900000001", "phone"),
]
PRIVATE = {
    "mother": [
        "王测试",
        "王 测 试",
        "13900000001",
        "138 0000 0001",
        "110101199003070038",
        "测试路",
        "501",
    ],
    "patient": ["欧阳", "测试甲", "13900000001", "测试村", "ceshi_jia01", "ceshi@"],
    "tibetan": ["扎西", "旦增", "13900000001", "测试街道"],
}
KNOWN_LATER = {
    "mother": KnownValue("name", "王测试"),
    "patient": KnownValue("name", "欧阳测试甲"),
    "tibetan": KnownValue("name", "扎西次仁"),
}


@pytest.mark.parametrize(
    ("who", "messages"), [("mother", MOTHER), ("patient", PATIENT), ("tibetan", TIBETAN)]
)
def test_a_whole_application_leaves_nothing_personal(
    who: str, messages: list[tuple[str, str | None]]
) -> None:
    known: tuple[KnownValue, ...] = ()
    seen: list[str] = []
    for text, expecting in messages:
        seen.append(mask(text, known=known, expecting=expecting).text)
        if expecting == "name":
            known = (KNOWN_LATER[who],)
    transcript = "\n".join(seen)
    for private in PRIVATE[who]:
        assert private not in transcript, transcript
    for spoken in ("一三九零零零零零零零一", "幺三九零零零零零零零一", "１３９００００００００１"):
        assert spoken not in transcript


def test_what_understanding_needs_stays() -> None:
    transcript = "\n".join(mask(text, expecting=expecting).text for text, expecting in MOTHER)
    for kept in (
        "我儿子",
        "他妈妈",
        "34岁",
        "厦门思明区",
        "医生说可以",
        "都行",
        "同意",
        "电话写错了",
        "到哪一步",
    ):
        assert kept in transcript
