"""Whose decision is it: the doctor's, or the family's own.

Nothing here carries anything out. A change that is the family's own is refused and handed on, and
where no doctor is spoken of, one word too many is taken for a reason of their own.
"""

from __future__ import annotations

import re

from bot.care.reading import cues
from bot.care.reading.gate import uncovered
from bot.care.reading.tokens import AMOUNTS, T, Token

_REASON = 0
"""More unexplained characters than this are a reason."""
_CHANGE_WORDS = re.compile(
    r"[^一-鿿]|以前|原来|原先|之前|本来|药|提醒|把|帮|给|让|成|到|从|了|吧|现在|以后|开始|就|都|也|又|再|已经|时间|麻烦|一下|改|换|调|加|减|量|剂|次"
    r"|我|他|她|您|你|妈|爸|儿子|女儿|孩子|的|在|要|点|时候|请|那|这|个|顿|片|粒|颗|吃|服|打|是|不|有|请问|您好|你好|社工"
)


def wished(chars: str) -> bool:
    """False for what is asked about or told of: 停药会复发吗, 怎么减下来."""
    if not cues.STOP_TOLD.search(chars):
        return True
    own = r"给[他她]|我想|取消|还吃什么|不用吃吧|想停|想给|先停|帮|能不能|可不可以|行吗|行不|可以[^,。]{0,6}吗"
    return re.search(own, chars) is not None


def by_doctor(chars: str) -> bool:
    """医生让…, and not 医生不让… or 没问医生."""
    return cues.DOCTOR.search(chars) is not None and cues.DOCTOR_NOT.search(chars) is None


def adjusts_alone(chars: str, tokens: list[Token]) -> bool:
    """A dose made smaller, larger or rarer by the family itself.

    A reason that is not the doctor's is enough, also one that no rule knows: what is left of the
    message beside the change and its words.
    """
    if by_doctor(chars):
        return False
    own = cues.SELF.search(chars) is not None
    if re.search(
        r"我(?:自己)?(?:(?:想|打算|准备|要|决定)[^,。]{0,10}(?:换成|改吃|换)|给[他她]换了)", chars
    ):
        return re.search(r"药|片|粒", chars) is not None or any(t.kind is T.DRUG for t in tokens)
    redosed = cues.CHANGE.search(chars) and re.search(
        r"[\d一二两三四半]\s*(?:片|粒|颗|mg)|一天[\d一两二三]次|隔天", chars
    )
    aimed = any(token.kind in AMOUNTS for token in tokens) and cues.CHANGE.search(chars)
    if cues.only_reminders(chars) and not aimed:
        return False
    if any(token.kind is T.PRN for token in tokens) and not cues.CHANGE.search(chars):
        return False
    if cues.LESS.search(chars) and not aimed and not cues.CLINIC.search(chars):
        return True  # 少吃点: less, and nobody says to how much
    errand = any(t.kind is T.SUBJECT and t.value not in ("medication", "injection") for t in tokens)
    spaced = any(t.kind is T.EVERY and t.value != "daily" for t in tokens) and not errand
    changed_days = cues.CHANGE.search(chars) is not None and spaced
    switched = re.search(r"(?:换|改)(?:成|吃|用|为)", chars) and any(
        token.kind is T.DRUG for token in tokens
    )
    if cues.ENOUGH.search(chars) and not cues.CLINIC.search(chars):
        return own or cues.REASON.search(chars) is not None
    if cues.LESS.search(chars) or redosed or changed_days or switched:
        return own or cues.REASON.search(chars) is not None or _unknown_reason(chars, tokens)
    if cues.MORE.search(chars) and not any(token.kind is T.PRN for token in tokens):
        return own or cues.REASON.search(chars) is not None
    if cues.REQUEST.search(chars) or not cues.RARER.search(chars):
        return False
    return own or cues.REASON.search(chars) is not None


def _unknown_reason(chars: str, tokens: list[Token]) -> bool:
    """老人家受不了,改成半片: words that neither the plan nor the change accounts for."""
    if cues.CLINIC.search(chars) or is_gradual(tokens):
        return False
    rest = uncovered(chars, tokens)
    for cue in (cues.REQUEST, cues.CHANGE, cues.LESS, cues.MORE, cues.KEEP, cues.POLITE):
        rest = cue.sub("", rest)
    return len(_CHANGE_WORDS.sub("", rest)) > _REASON


def is_gradual(tokens: list[Token]) -> bool:
    """先半片,三天后一片: a prescription in steps, not a change of one."""
    doses = [token for token in tokens if token.kind in AMOUNTS]
    stretches = [
        t
        for t in tokens
        if t.kind in (T.PHASE, T.SPAN) or (t.kind is T.DATE and t.value.startswith("+"))
    ]
    return len(doses) > 1 and bool(stretches)
