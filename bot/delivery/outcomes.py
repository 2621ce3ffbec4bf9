"""What became of a message, in words for staff."""

from __future__ import annotations

from bot.delivery.sending import UNREACHED, UNSAFE
from bot.wechat.errors import meaning_of

_REASONS = {
    "unsubscribed": "对方已经不再关注公众号，请打电话。",
    "not_wanted": "等到要发的时候已经不需要了，就没有发。",
    "stale": "过了时候，没有再发。",
    "staff_owns": "社工已经在和家属说话，自动回复就没有发。",
    "died": "发的时候断了，不知道对方收到没有，最好打电话问一声。",
    "no_answer": "微信没有回音，不知道对方收到没有，最好打电话问一声。",
    "gave_up": "试了好几次都没发出去，请打电话。",
    "no_window": "微信允许发的条数或时间用完了。等对方再说一句就能接着发，急事请打电话。",
    "unsafe": "这条消息的内容微信不收，请换一种说法。",
}
_NO_ANSWER_YET = "微信暂时没有回音，会自动再发。"
_UNKNOWN = "微信没有收下这条消息，请打电话。"


def why(reason: str | None, errcode: int | None) -> str | None:
    """Why a message has not arrived, in one sentence; None when there is nothing to say.

    ``reason`` is that of the message, ``errcode`` that of its last attempt. The platform's own
    answer is more precise than our word for it.
    """
    if errcode in (0, None) or reason in _REASONS:
        return _REASONS.get(reason, _UNKNOWN) if reason else None
    if errcode == UNREACHED:
        return _NO_ANSWER_YET
    if errcode == UNSAFE:
        return _REASONS["unsafe"]
    return meaning_of(errcode).staff
