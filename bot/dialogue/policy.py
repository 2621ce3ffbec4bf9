"""Policy questions in a conversation: answered with document and clause, or handed on.

What follows an answer ("还有呢", a place, "怎么申请") is read in `bot.dialogue.policy_follow`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import places
from bot.casework import applications
from bot.casework.tickets import open_ticket
from bot.clock import LOCAL
from bot.dialogue import form, shortcuts
from bot.dialogue.policy_thread import Thread, home, keep, last, remember_place
from bot.dialogue.turn import Turn
from bot.policy import questions, regions, self_check
from bot.policy.answer import PartAnswer, Reason
from bot.policy.answer import answer as answer_question
from bot.policy.index import PolicyIndex
from bot.policy.library import is_current, library, page_of
from bot.policy.question import Kind
from bot.policy.words import plain

ASK_WHAT = "您想问哪件事？比如“残疾人补贴有多少”“免费药怎么领”“监护人补贴谁能拿”。"
ASK_PLACE = (
    "这件事各地规定不一样。您家在哪个市、哪个县（区）？说个地名就行，比如“莆田市仙游县”。"
    "我记住了，下回不用再问。"
)
PLACE_KEPT = "好的，记住了，您家在{name}。"
TO_STAFF = (
    "已经把您的问题转给社工（编号 {number}），社工去问清楚，一般三天内在这里回复您。"
    "等不及的话，可以打12345，或者问当地民政局。"
)
NOT_FOUND = "这个问题我没有查到有依据的说法，不敢乱答。"
WHICH_SUBSIDY = "补贴有好几种，您问的是哪一种？"
SUBSIDIES = (
    "残疾人两项补贴给多少",
    "监护人补贴给多少",
    "低保给多少",
    "门诊慢特病能报多少",
)
WHOLE, HOW, PERSON = "看全文", "怎么申请", "找人工"
CHECK = "测一测{name}"

LONGEST_WAIT = 10.0
"""Seconds to wait for an index where the one in use cites what holds no more."""

LEAST_TOPIC = 0.8
"""Weight from which a concept is what a question is about, and no wild guess."""

_HERE_WE_LIVE = re.compile(r"(我|我们|咱|咱们|俺|俺们)(家)?(是|住|住在|在|户口在|户口是|老家)?$")
_SAYS_MONEY = re.compile(r"补贴|补助|津贴")
_NAMES_NOTHING = re.compile(
    r"补贴|补助|津贴|多少钱?|几块钱?|到底|现在|一?个月|每月|每年|一年|我们?|咱们?|家里?|能|可以|拿|领|给|发|有|的|呢|吗|啊|是|"
    r"政府|国家|这里|这边|当地|病人|患者|精神病?|什么|哪些|请?问|一下|想|知道|你好|您好"
)
_SAYS_HOW = re.compile(r"怎么|咋|如何|哪里|哪儿|去哪|在哪|找谁|流程|手续")
_OFFERS_PERSON = re.compile(r"[^。]*人工[^。]*。")


def answer(turn: Turn) -> None:
    """Answer from the documents; what they do not answer becomes a ticket."""
    if turn.text == shortcuts.MENU_TEXTS["policy"]:
        turn.say(ASK_WHAT, choices=(*SUBSIDIES[:1], CHECK.format(name="能领什么")))
        return
    lives = _only_a_place(turn.text)
    if lives is not None:
        remember_place(turn, lives)
        turn.say(PLACE_KEPT.format(name=regions.name_of(lives)) + ASK_WHAT)
        return
    reply(turn, turn.text)


def reply(
    turn: Turn,
    question: str,
    *,
    place: str | None = None,
    ask_place: bool = True,
    said: Sequence[str] = (),
) -> None:
    """Answer a question for `place`, or for where the family lives.

    With ``ask_place`` the place is asked back where the answer depends on it and nobody knows it.
    A clause in ``said`` answers no further point: its ten days of respite are not ten days until
    it is granted.
    """
    index = library.index(turn.session)
    lives = place or _stated_home(turn, question) or home(turn)
    today = turn.now.astimezone(LOCAL).date()
    found = answer_question(question, region=lives, index=index, today=today)
    if not all(is_current(turn.session, citation) for citation in found.citations):
        # Withdrawn a moment ago: better late than wrong.
        index = library.index(turn.session, wait=LONGEST_WAIT)
        found = answer_question(question, region=lives, index=index, today=today)
    parts = [_new(part, said) for part in found.parts]
    waiting: list[PartAnswer] = []
    if ask_place and lives is None and _can_ask_place(turn):
        waiting = [part for part in parts if part.needs_region]
        parts = [part for part in parts if not part.needs_region]
    if _is_vague(question, parts, index):
        turn.say(WHICH_SUBSIDY, choices=SUBSIDIES)
        return
    _say(turn, parts, index, lives=lives, last_words=not waiting)
    if waiting:
        turn.say(ASK_PLACE)
        keep(
            turn,
            Thread(question="".join(part.question for part in waiting), waits_for_place=True),
        )
        hold_form(turn)


def knows(turn: Turn) -> bool:
    """Whether the documents answer what was written."""
    index = library.index(turn.session)
    today = turn.now.astimezone(LOCAL).date()
    found = answer_question(turn.text, region=home(turn), index=index, today=today)
    return any(part.answered for part in found.parts)


def say_found(turn: Turn, part: PartAnswer, *, before: Thread) -> None:
    """Say one more answer to the question of a talk."""
    thread = _said_of(turn, [part], before=before)
    turn.say(_with_link(turn, part.text, thread.pages), choices=_choices(turn, part, thread))
    keep(turn, thread)


def to_staff(turn: Turn, asked: Sequence[str]) -> int:
    """Hand questions to the social workers and tell the family what happens next."""
    ticket_id = open_ticket(
        turn.session,
        source_key=f"{turn.source}:question:{len(turn.drafts)}",
        kind="question",
        urgency="normal",
        summary="\n".join(asked),
        by=turn.by,
        now=turn.now,
        contact_id=turn.contact.id,
        county_code=home(turn),
    )
    turn.say(TO_STAFF.format(number=f"GD{ticket_id:06d}"))
    return ticket_id


def topic_of(question: str, index: PolicyIndex) -> str:
    """The concept that a question is mostly about; empty where none is clear."""
    units = [
        unit
        for unit in index.reader.read(question).units
        if unit.kind in (Kind.NAMED, Kind.GUESSED) and unit.specific
    ]
    best = max(units, key=lambda unit: unit.weight, default=None)
    if best is None or best.weight < LEAST_TOPIC:
        return ""
    return best.key.removeprefix("c:")


def _topic_of_part(part: PartAnswer, index: PolicyIndex) -> str:
    """What the card is about that answered; else what the question is about."""
    names = {citation.card for citation in part.citations if citation.card is not None}
    for passage in index.passages:
        if passage.card is not None and passage.card.id in names:
            return passage.card.topics[0]
    return topic_of(part.question, index)


def hold_form(turn: Turn) -> None:
    """Something was asked in this turn: an open form waits with its question."""
    application = form.application_of(turn)
    if application is not None and not application.paused and application.asked is not None:
        applications.ask(application, application.asked, message_id=turn.message.id, now=turn.now)


def back_to_form(turn: Turn) -> None:
    """Ask an open form's question again, unless this turn has asked something already."""
    application = form.application_of(turn)
    if application is not None and not application.paused:
        form.ask_next(turn, application)


def form_asks_place(turn: Turn) -> bool:
    """An open application waits for the county: a place is the answer to that."""
    application = form.application_of(turn)
    return application is not None and not application.paused and application.asked == "county"


def in_form(turn: Turn) -> bool:
    """An application is being filled in just now."""
    application = form.application_of(turn)
    return application is not None and not application.paused


def _say(
    turn: Turn,
    parts: Sequence[PartAnswer],
    index: PolicyIndex,
    *,
    lives: str | None,
    last_words: bool,
) -> None:
    """Say the answers, hand on what has none, and keep all of it."""
    if not parts:
        return
    open_ = [part for part in parts if _goes_to_staff(part)]
    answered = [part for part in parts if part.answered]
    thread = _said_of(turn, answered, before=Thread())
    for part in parts:
        if part.answered:
            choices: tuple[str, ...] = ()
            if last_words and not open_ and part is parts[-1]:
                choices = _choices(turn, part, thread)
            turn.say(_with_link(turn, part.text, _pages(turn, part)), choices=choices)
        else:
            turn.say(_refusal(part))
    ticket_id = to_staff(turn, [part.question for part in open_]) if open_ else None
    keep(turn, thread if answered else Thread(question=parts[0].question))
    questions.record(
        turn.session,
        asked=[
            questions.Asked(
                question=part.question,
                region=lives,
                topic=_topic_of_part(part, index),
                answered=part.answered,
                reason=part.reason,
            )
            for part in parts
            if part.reason is not Reason.CHAT
        ],
        contact_id=turn.contact.id,
        message_id=turn.message.id,
        ticket_id=ticket_id,
        now=turn.now,
        known=form.known_values(turn),
    )


def _new(part: PartAnswer, said: Sequence[str]) -> PartAnswer:
    """A part, or a refusal where all that it cites is a clause that was said before."""
    again = [c.card is None and c.passage in said for c in part.citations]
    if not again or not all(again):
        return part
    return PartAnswer(part.question, NOT_FOUND, reason=Reason.NOT_FOUND)


def _said_of(turn: Turn, parts: Sequence[PartAnswer], *, before: Thread) -> Thread:
    if not parts:
        return before
    said = [citation.passage for part in parts for citation in part.citations]
    return replace(
        before,
        question=before.question or parts[-1].question,
        said=(*before.said, *said),
        pages=_pages(turn, parts[-1]),
        waits_for_place=False,
    )


def _pages(turn: Turn, part: PartAnswer) -> tuple[str, ...]:
    pages = (page_of(turn.session, citation) for citation in part.citations)
    return tuple(page for page in pages if page is not None)


def link_to(turn: Turn, page: str) -> str:
    """Address of the page that shows a citation whole; empty where none can be given."""
    return f"{turn.origin}/family/policy/{page}" if turn.origin else ""


def _with_link(turn: Turn, text: str, pages: Sequence[str]) -> str:
    link = link_to(turn, pages[0]) if pages else ""
    return f"{text}\n{WHOLE}：{link}" if link else text


def _choices(turn: Turn, part: PartAnswer, thread: Thread) -> tuple[str, ...]:
    """What may be tapped next; nothing where a form or another question comes after it."""
    if in_form(turn) or not thread.pages or not _is_all(turn):
        return ()
    offered = [WHOLE]
    if not _SAYS_HOW.search(part.question):
        offered.append(HOW)
    check = self_check.about(_topic_of_part(part, library.index(turn.session)))
    if check is not None:
        offered.append(CHECK.format(name=check.name))
    return (*offered, PERSON)


def _is_all(turn: Turn) -> bool:
    """The turn is about the whole message, not about one wish of several in it."""
    return turn.text.strip() == turn.message.words.strip()


def _goes_to_staff(part: PartAnswer) -> bool:
    return not part.answered and part.reason not in (Reason.MEDICAL, Reason.CHAT)


def _refusal(part: PartAnswer) -> str:
    """The honest no, without the offer of a person: the question goes to one already."""
    if not _goes_to_staff(part):
        return part.text
    return _OFFERS_PERSON.sub("", part.text) or NOT_FOUND


def _stated_home(turn: Turn, question: str) -> str | None:
    """Where the question says that the family lives (我们仙游…); remembered."""
    named = regions.mentioned_in(question)
    if named.code is None or named.passing or not named.spans:
        return None
    start, end = named.spans[0]
    lives = _HERE_WE_LIVE.search(question[:start]) or re.match(r"(这边|这里|这儿)", question[end:])
    if not lives or places.get(named.code) is None:
        return None
    remember_place(turn, named.code)
    return named.code


def _only_a_place(text: str) -> str | None:
    """The place that is all a message says."""
    said = plain(text)
    named = regions.mentioned_in(said)
    covered = {place for start, end in named.spans for place in range(start, end)}
    return named.code if len(covered) == len(said) else None


def _can_ask_place(turn: Turn) -> bool:
    """Not in the form's own question for the place, nor twice in a row."""
    return not form_asks_place(turn) and not last(turn).waits_for_place


def _is_vague(question: str, parts: Sequence[PartAnswer], index: PolicyIndex) -> bool:
    """Asks about "the subsidy" and names none."""
    if any(part.answered for part in parts) or not _SAYS_MONEY.search(question):
        return False
    units = index.reader.read(question).units
    if any(unit.kind is Kind.NAMED and unit.specific for unit in units):
        return False
    return len(_NAMES_NOTHING.sub("", plain(question))) <= 1
