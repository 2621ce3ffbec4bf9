"""A self-check in a conversation: started by "测一测", answered by number or word, left by "返回"."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue import policy
from bot.dialogue.policy_thread import (
    Thread,
    keep,
    last,
    left_check,
    set_aside,
    without_check,
)
from bot.dialogue.turn import Turn
from bot.policy import self_check
from bot.policy.self_check import Check
from bot.policy.words import plain

BACK = "返回"
RESUME = "接着测"
OPENING = "我们来看看{name}，就几个问题，不记名字，随时回复“返回”就停。"
WHICH = "想测哪一样？这只是帮您理一理，不作数。"
LEFT = "好的，先不测了。想接着测，回复“接着测”；问别的直接说。"
NOT_READ = "没看明白，回复前面的数字就行。"
NOTHING_LEFT = "现在没有测到一半的。想测就回复“测一测”。"
MISSES = 2

_START = re.compile(
    r"测一测|测一下|测试一下|自测|自查|(?:帮(?:我|忙)?|给我)?(?:看看|算算|查查|评一评)[^，。？?]{0,6}"
    r"(?:符不符合|符合不符合|符合条件|够不够(?:条件|格)?|能不能(?:领|办|享受|申请))"
)
_RESUMES = re.compile(r"^(?:接着|继续)测(?:一测|试)?$")
_LEAVES = re.compile(r"^(?:返回|退出|不测了?|先?不测了|停|停下|结束|算了|不想测了?)$")


def take(turn: Turn) -> bool:
    """Begin a self-check, go on with one, or leave it; True when the message was about it."""
    thread = last(turn)
    if thread.check is not None and _go_on(turn, thread):
        return True
    said = plain(turn.text)
    if _RESUMES.match(said):
        _resume(turn)
        return True
    if not _START.search(said):
        return False
    check = self_check.called(said)
    if check is None:
        turn.say(WHICH, choices=tuple(_named(one) for one in self_check.default_checks().values()))
        keep(turn, thread)
        return True
    turn.say(OPENING.format(name=check.name))
    _ask(turn, replace(thread, check=check.id, check_answers={}, misses=0))
    return True


def leave(turn: Turn) -> bool:
    """Leave a self-check by a word of its own, before that word means something else."""
    if not _LEAVES.match(plain(turn.text)):
        return False
    thread = last(turn)
    if thread.check is None:
        return False
    turn.say(LEFT)
    set_aside(turn, thread)
    policy.back_to_form(turn)
    return True


def _go_on(turn: Turn, thread: Thread) -> bool:
    assert thread.check is not None
    check = self_check.default_checks()[thread.check]
    question = check.next_question(thread.check_answers)
    assert question is not None
    value = question.read(turn.text)
    if value is None:
        return _unread(turn, thread)
    answers = {**thread.check_answers, question.id: value}
    _ask(turn, replace(thread, check_answers=answers, misses=0))
    return True


def _unread(turn: Turn, thread: Thread) -> bool:
    """Asked once more; something longer, or a second miss, is about something else."""
    if thread.misses + 1 >= MISSES or len(plain(turn.text)) > 8 or _START.search(turn.text):
        return False
    turn.say(NOT_READ)
    _ask(turn, replace(thread, misses=thread.misses + 1))
    return True


def _ask(turn: Turn, thread: Thread) -> None:
    """The next question, or the result."""
    assert thread.check is not None
    check = self_check.default_checks()[thread.check]
    question = check.next_question(thread.check_answers)
    if question is None:
        choices = () if policy.in_form(turn) else (policy.PERSON,)
        turn.say(check.result(thread.check_answers), choices=choices)
        keep(turn, replace(without_check(thread), question=check.called[0]))
        return
    turn.say(question.text, choices=(*(choice.text for choice in question.choices), BACK))
    keep(turn, thread)
    policy.hold_form(turn)


def _resume(turn: Turn) -> None:
    thread = left_check(turn)
    if thread is None:
        turn.say(NOTHING_LEFT)
        return
    _ask(turn, replace(thread, misses=0))


def _named(check: Check) -> str:
    return policy.CHECK.format(name=check.name)
