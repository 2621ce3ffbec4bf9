"""What needs no understanding: menu keys, numbers typed for a choice, words that always work."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import select

from bot.delivery.models import OutboxMessage
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
    "4  投诉监督\n"
    "5  找社工（人工）\n"
    "直接说话就行，也可以回复数字。"
)
_WHAT_I_CAN_CHOICES = ("我要申请康复", "到哪一步了", "问政策补贴", "我要投诉", "找人工")

_NUMBER = re.compile(r"^(?:选|第)?\s*([0-9]{1,2}|[一二三四五六七八九])\s*(?:个|号|项)?[.、。)）]?$")
_HAN = {han: str(n) for n, han in enumerate("一二三四五六七八九", 1)}


def meant(turn: Turn) -> str:
    """The text with a bare number replaced by the choice it stands for."""
    text = unicodedata.normalize("NFKC", turn.text).strip()
    number = _NUMBER.match(text)
    if number is None:
        return turn.text
    chosen = _HAN.get(number[1], number[1])
    last = turn.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.contact_id == turn.contact.id, OutboxMessage.state == "sent")
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )
    if last is None:
        return turn.text
    for choice in last.body.get("choices", ()):
        if choice["id"] == chosen:
            return str(choice["text"])
    if WHAT_I_CAN in last.body["text"] and 1 <= int(chosen) <= len(_WHAT_I_CAN_CHOICES):
        return _WHAT_I_CAN_CHOICES[int(chosen) - 1]
    return turn.text
