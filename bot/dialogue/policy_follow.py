"""What a family says after an answer about policy: a place, "还有呢", "怎么申请", "看全文".

A stage before understanding: it needs neither Rasa nor the model, and works in a form too, whose
question is asked again afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import places
from bot.clock import LOCAL
from bot.dialogue import policy, policy_check
from bot.dialogue.policy_thread import Thread, home, keep, last, left_question, remember_place
from bot.dialogue.turn import Turn
from bot.policy import library, regions
from bot.policy.answer import answer_also
from bot.policy.asks import ask_of
from bot.policy.thesaurus import default_thesaurus
from bot.policy.words import plain

NO_MORE = "手上的文件里，这件事就说到这些了。还想问哪一点，直接说；要找社工，回复“人工”。"
WHICH_PLACE = "有好几个地方叫这个名字，您说的是哪一个？"
NO_HOW = "怎么办理，这一条里没有写。可以打12345问，或者回复“人工”，我请社工去问。"
NOT_KEPT = "这一条现在不在了，可能文件换了新的。您再问一遍，我重新查。"
SHOWN = 500
"""Characters of a clause that a message shows; the page has all of it."""

_LEAD = r"^(?:那么?|嗯+|哦+|好的?|行|请问|再问一?下)?[，,、\s]*"
_MORE = re.compile(
    _LEAD
    + r"(?:还有(?:呢|吗|么|没有|别的(?:吗|呢|没有)?|其他的?(?:吗|呢)?|什么)?|(?:别的|其他的?)(?:呢|还有吗)|"
    r"再(?:说说|讲讲|来一条)|继续说|没了\??吗?)$"
)
_HERE = re.compile(
    _LEAD
    + r"(?:我们|我|咱们?|俺们?)(?:家)?(?:这儿|这里|这边|这|那儿|那里|那边|当地|本地|县里?|市里?|省里?|区里?)的?"
    r"(?:呢|怎么样|怎样|咋样|有吗|有没有|是多少|怎么说|什么规定|多少|也有吗|也一样吗|一样吗)?$"
)
_HOW = re.compile(
    _LEAD
    + r"(?:这个|这)?(?:该|要|得)?(?:怎么|咋|如何|去哪儿?里?|在哪儿?里?|到哪儿?里?|上哪儿?|找谁)(?:样|个)?"
    r"(?:去)?(?:申请|办理?|领取?|弄|报名?|交|申报)?(?:呢|啊|呀|的|手续)?$"
)
_WHOLE = re.compile(
    r"^(?:我?(?:想|要)?看(?:看|一下)?|发我?)?(?:全文|原文|条款|原话|文件原文)(?:看看)?$"
)
_PLACE_ONLY = re.compile(
    r"^(?:那|要是|如果|换成|在)*(?:呢|的|的呢|怎么样|有吗|咋样|也有吗|是多少|多少|家|人|户口|这边|这里|那边|是|在|住|我|我们|咱们|就|吧|啊|哦|嗯)*$"
)
_OWN = re.compile(r"我|咱|住|家")
_OTHER_BUSINESS = re.compile(r"康复|报名|人工|社工|投诉|提醒|药")
_WONT_SAY = re.compile(
    r"^(?:不知道|不清楚|不想说|不方便说?|不说|算了|随便|都行|保密|不告诉你|先不说)$"
)
_SHORT = 14


@dataclass(frozen=True)
class _Places:
    """The places of a message and the words beside them."""

    codes: tuple[str, ...]
    rest: str


def follow(turn: Turn) -> bool:
    """Take a message that refers to what was just said; True when the turn ends here."""
    if not turn.text:
        return False
    if policy_check.take(turn):
        return _done(turn)
    thread = last(turn)
    if thread.waits_for_place:
        return _take_place(turn, thread) and _done(turn)
    if not thread.question:
        return _late_place(turn) and _done(turn)
    said = plain(turn.text)
    for pattern, step in _STEPS:
        if pattern.match(said):
            step(turn, thread)
            return _done(turn)
    if _other_place(turn, thread) or _other_point(turn, thread, said):
        return _done(turn)
    return False


def _done(turn: Turn) -> bool:
    policy.back_to_form(turn)
    return True


# --- where ---------------------------------------------------------------------------------------


def _take_place(turn: Turn, thread: Thread) -> bool:
    """The place that was asked back; the question is answered for it."""
    said = plain(turn.text)
    if _WONT_SAY.match(said):
        policy.reply(turn, thread.question, ask_place=False)
        return True
    named = _places_in(turn.text, expected=True)
    if not named.codes:
        return False
    if len(named.codes) > 1:
        turn.say(WHICH_PLACE, choices=tuple(map(_full_name, named.codes[:6])))
        keep(turn, thread)
        policy.hold_form(turn)
        return True
    remember_place(turn, named.codes[0])
    asks_anew = len(named.rest) > 6 and ask_of(named.rest) is not None
    policy.reply(turn, turn.text if asks_anew else thread.question, place=named.codes[0])
    return True


def _late_place(turn: Turn) -> bool:
    """The place that was asked back, said after something else came in between."""
    if len(turn.text) > _SHORT or policy.in_form(turn):
        return False
    thread = left_question(turn)
    if thread is None:
        return False
    named = _places_in(turn.text, expected=False)
    return bool(named.codes) and bool(_PLACE_ONLY.match(named.rest)) and _take_place(turn, thread)


def _other_place(turn: Turn, thread: Thread) -> bool:
    """ "那仙游呢": the same question for another place."""
    if len(turn.text) > _SHORT or policy.form_asks_place(turn):
        return False
    named = _places_in(turn.text, expected=False)
    if len(named.codes) != 1 or not _PLACE_ONLY.match(named.rest):
        return False
    if _OWN.search(named.rest):
        remember_place(turn, named.codes[0])
    policy.reply(turn, thread.question, place=named.codes[0])
    return True


def _here(turn: Turn, thread: Thread) -> None:
    """ "那我们这儿呢": the same question for where the family lives."""
    lives = home(turn)
    if lives is not None:
        policy.reply(turn, thread.question, place=lives)
        return
    turn.say(policy.ASK_PLACE)
    keep(turn, replace(thread, waits_for_place=True))
    policy.hold_form(turn)


def _places_in(text: str, *, expected: bool) -> _Places:
    said = plain(text)
    found = places.find(said, expected=expected)
    codes = {match.code for match in found}
    exact = {
        code for code in codes if not any(o != code and regions.covers(code, o) for o in codes)
    }
    kept = list(said)
    for match in found:
        kept[match.start : match.end] = " " * (match.end - match.start)
    return _Places(tuple(sorted(exact)), "".join(kept).replace(" ", ""))


def _full_name(code: str) -> str:
    place = places.get(code)
    return place.full_name if place else code


# --- what ----------------------------------------------------------------------------------------


def _more(turn: Turn, thread: Thread) -> None:
    part = answer_also(
        thread.question,
        region=home(turn),
        index=library.library.index(turn.session),
        today=turn.now.astimezone(LOCAL).date(),
        said=thread.said,
    )
    if part is None:
        turn.say(NO_MORE)
        keep(turn, thread)
        return
    policy.say_found(turn, part, before=thread)


def _whole(turn: Turn, thread: Thread) -> None:
    """The clause itself, as far as a message goes, and its page."""
    page = thread.pages[0] if thread.pages else ""
    text = _text_of(turn, page)
    keep(turn, thread)
    if text is None:
        turn.say(NOT_KEPT)
        return
    link = policy.link_to(turn, page)
    turn.say(f"{text}\n{policy.WHOLE}：{link}" if link else text)


def _text_of(turn: Turn, page: str) -> str | None:
    if page.startswith(library.CARD_PAGE):
        card = library.find_card(turn.session, page.removeprefix(library.CARD_PAGE))
        return None if card is None else card.text
    kept = library.find_clause(turn.session, page)
    if kept is None:
        return None
    text = kept.clause.text.strip()
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return f"《{kept.document.title.strip('《》')}》{kept.clause.path}：\n{shown}"


def _how(turn: Turn, thread: Thread) -> None:
    """How to apply for what was just spoken of."""
    for page in thread.pages:
        if not page.startswith(library.CARD_PAGE):
            continue
        card = library.find_card(turn.session, page.removeprefix(library.CARD_PAGE))
        if card is not None and card.how:
            lines = [card.how, *([f"去哪里：{card.where}"] if card.where else [])]
            turn.say("\n".join(lines))
            keep(turn, thread)
            return
    part = answer_also(
        f"{_subject(turn, thread)}怎么申请",
        region=home(turn),
        index=library.library.index(turn.session),
        today=turn.now.astimezone(LOCAL).date(),
        said=thread.said,
    )
    if part is None:
        turn.say(_where_to_go(turn, thread) or NO_HOW)
        keep(turn, thread)
        return
    policy.say_found(turn, part, before=thread)


def _where_to_go(turn: Turn, thread: Thread) -> str:
    """The office that the last card names."""
    for page in thread.pages:
        card = library.find_card(turn.session, page.removeprefix(library.CARD_PAGE))
        if card is not None and card.where:
            return f"具体怎么办、带什么，{card.where}去之前可以先打12345问一问。"
    return ""


def _other_point(turn: Turn, thread: Thread, said: str) -> bool:
    """ "那要带什么材料": a short question that names nothing is about what was just spoken of."""
    if len(said) > _SHORT or in_other_words(said) or _OTHER_BUSINESS.search(said):
        return False
    if not (turn.text.startswith(("那", "这个", "它")) or re.match(r"(?:要|需要|还要|得)", said)):
        return False
    if ask_of(said) is None and not re.search(
        r"吗|呢|么$|什么|啥|怎|咋|哪|谁|几|多少|多久|材料", said
    ):
        return False
    policy.reply(turn, f"{_subject(turn, thread)}{re.sub('^那', '', said)}", said=thread.said)
    return True


def in_other_words(said: str) -> bool:
    """Whether a `plain` text names a matter of its own."""
    thesaurus = default_thesaurus()
    concepts = (thesaurus.concepts[hit.concept] for hit in thesaurus.in_question(said))
    return any(not (concept.generic or concept.setting) for concept in concepts)


def _subject(turn: Turn, thread: Thread) -> str:
    """What the last question was about, in its own words where it named it."""
    index = library.library.index(turn.session)
    said = plain(thread.question)
    thesaurus = index.thesaurus
    for hit in thesaurus.in_question(said):
        concept = thesaurus.concepts[hit.concept]
        if not concept.generic and not concept.setting:
            return said[hit.start : hit.end]
    topic = policy.topic_of(thread.question, index)
    return thesaurus.concepts[topic].official[0] if topic else thread.question


_STEPS: tuple[tuple[re.Pattern[str], Callable[[Turn, Thread], None]], ...] = (
    (_MORE, _more),
    (_HERE, _here),
    (_WHOLE, _whole),
    (_HOW, _how),
)
