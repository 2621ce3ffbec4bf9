"""What arrives that is not words: following, leaving, menu keys, pictures, voice."""

from __future__ import annotations

import re

from bot.casework.models import Application
from bot.dialogue import form, shortcuts
from bot.dialogue.turn import Turn
from bot.privacy import audit
from bot.wechat import inbound

GREETING = (
    "您好，我是小康，一个帮精神障碍康复家庭办事的自动程序，不是真人。\n"
    + shortcuts.WHAT_I_CAN
    + "\n人有危险请马上打110或120；心里难受想说说话，打12356。"
)
NOT_READABLE = {
    "image": "图片收到了，可我还看不懂图。想说什么，麻烦您打几个字；要给社工看的材料，回复“人工”。",
    "voice": "语音收到了，可我还听不懂。麻烦您打几个字，或者用输入法的话筒把话变成文字再发。",
    "video": "视频收到了，可我还看不懂。麻烦您打几个字告诉我。",
    "shortvideo": "视频收到了，可我还看不懂。麻烦您打几个字告诉我。",
    "location": "位置收到了，可我还不会看地图。您在哪个县、哪个区，打字告诉我就行。",
    "link": "链接收到了，可我打不开。麻烦您用几句话告诉我是什么事。",
    "file": "文件收到了，可我还看不懂。麻烦您打几个字；要给社工看的材料，回复“人工”。",
}
STICKER = "表情收到了，可我还看不懂。想说什么，麻烦您打几个字。"
UNREADABLE = "这条我看不懂，麻烦您打几个字告诉我。"

_STICKER = re.compile(r"[\[【].*不支持的消息类型.*[\]】]")
"""What the platform writes in place of a sticker or any other message it does not pass on."""


def note(turn: Turn) -> None:
    """Keep the contact's state with the platform's events; says nothing."""
    push = inbound.from_payload(turn.message.payload)
    if isinstance(push, inbound.Subscribe):
        turn.contact.subscribed = True
    elif isinstance(push, inbound.Unsubscribe):
        turn.contact.subscribed = False
        audit.record(
            turn.session,
            by=turn.by,
            action="contact.unsubscribe",
            on=("contact", turn.contact.id),
            now=turn.now,
        )
    elif not push.is_event:
        # Who writes follows, whatever was missed before.
        turn.contact.subscribed = True


def handle(turn: Turn) -> bool:
    """Settle what needs no understanding; True when the turn ends with it."""
    note(turn)
    push = inbound.from_payload(turn.message.payload)
    if isinstance(push, inbound.Subscribe):
        turn.say(GREETING)
        return True
    if isinstance(push, inbound.MenuClick):
        if push.key not in shortcuts.MENU_TEXTS:
            turn.say(shortcuts.WHAT_I_CAN)
            return True
        turn.stands_for(shortcuts.MENU_TEXTS[push.key])
        return False
    if push.is_event:
        return True
    application = form.application_of(turn)
    if isinstance(push, inbound.Location) and push.label and _asks_where(application):
        turn.stands_for(push.label)
    if turn.text.strip() and not _STICKER.fullmatch(turn.text.strip()):
        return False
    if turn.text.strip():
        turn.say(STICKER)
    elif isinstance(push, inbound.Text):
        turn.say(shortcuts.WHAT_I_CAN)
    else:
        turn.say(NOT_READABLE.get(push.kind, UNREADABLE))
    if application is not None and form.waits_for_answer(application):
        form.ask_next(turn, application)
    return True


def _asks_where(application: Application | None) -> bool:
    return form.waits_for_answer(application) and application.asked == "county"
