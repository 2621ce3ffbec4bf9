"""What needs no understanding: menu keys, numbers typed for a choice, words that always work."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bot.dialogue.turn import Turn

MENU_TEXTS = {
    "apply": "我要申请康复",
    "status": "到哪一步了",
    "policy": "问政策补贴",
    "medication": "吃药复诊提醒",
    "complaint": "我要投诉",
    "human": "找人工",
}
"""Menu key to the words it stands for; also the menu's labels are made from it."""

MENU: list[dict[str, Any]] = [
    {"type": "click", "name": "申请康复", "key": "apply"},
    {"type": "click", "name": "问政策", "key": "policy"},
    {
        "name": "更多",
        "sub_button": [
            {"type": "click", "name": "到哪一步了", "key": "status"},
            {"type": "click", "name": "吃药提醒", "key": "medication"},
            {"type": "click", "name": "投诉监督", "key": "complaint"},
            {"type": "click", "name": "找人工", "key": "human"},
        ],
    },
]
"""The account's menu, as the platform takes it."""

WHAT_I_CAN = (
    "我能帮您这些：\n"
    "1  申请社区康复\n"
    "2  问申请到哪一步了\n"
    "3  问政策和补贴\n"
    "4  吃药、复诊提醒\n"
    "5  投诉监督\n"
    "6  找社工（人工）\n"
    "直接说话就行，也可以回复数字。"
)
_WHAT_I_CAN_CHOICES = tuple(
    MENU_TEXTS[key] for key in ("apply", "status", "policy", "medication", "complaint", "human")
)

_NUMBER = re.compile(
    r"我?(?:要|选|回复?|就|想要|点|选项|数字)*第?\s*([0-9]{1,2}|[一二两三四五六七八九])"
    r"\s*(?:个|号|项|条|种|位)?(?:吧|啊|呀|哈|了|的)?[.、。)）!！~]*"
)
_HAN = {han: str(n) for n, han in enumerate("一二三四五六七八九", 1)} | {"两": "2"}
_KEYCAP = re.compile("[\ufe0f\u20e3]")
GO_ON_OR_NOT = ("继续", "先不填了")
"""The choices where an application was left; a plain yes or no is one of them too."""
_YES = re.compile("好的?|嗯+|行|可以|是的?|要|对的?|中|得行|好啊|好呀|好吧|填")
_NO = re.compile("不了?|不用了?|不要了?|先不|不填了?|不继续了?|算了|改天|回头")
NOT_ON_THE_LIST = "没有{number}这一项。回复1到{last}里的一个数字，或者直接说。"


def meant(turn: Turn) -> str:
    """The text with a bare number replaced by the choice it stands for."""
    number = number_of(turn.text)
    if number is not None:
        offered = _offered(turn)
        return offered[number - 1] if 1 <= number <= len(offered) else turn.text
    plain = turn.text.strip(" 。！!，,~")
    for answer, choice in zip((_YES, _NO), GO_ON_OR_NOT, strict=True):
        if answer.fullmatch(plain) and _offered(turn) == GO_ON_OR_NOT:
            return choice
    return turn.text


def not_on_the_list(turn: Turn) -> str | None:
    """What is said to a number that none of the choices has; None for anything else."""
    number = number_of(turn.text)
    if number is None or not (offered := _offered(turn)):
        return None
    return NOT_ON_THE_LIST.format(number=number, last=len(offered))


def number_of(text: str) -> int | None:
    """The number that a message consists of: 2, ２, 2️⃣, 二, 第二个, 我选2."""
    plain = unicodedata.normalize("NFKC", _KEYCAP.sub("", text)).strip()
    number = _NUMBER.fullmatch(plain)
    return None if number is None else int(_HAN.get(number[1], number[1]))


def _offered(turn: Turn) -> tuple[str, ...]:
    """The choices of the last thing that was said to the contact."""
    last = turn.said_last()
    if choices := last.get("choices"):
        return tuple(str(choice["text"]) for choice in choices)
    return _WHAT_I_CAN_CHOICES if WHAT_I_CAN in last.get("text", "") else ()
