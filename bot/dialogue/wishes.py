"""Several wishes in one message, found by the linear model clause by clause.

"我儿子想参加康复，补贴有多少，还有他昨天忘吃药了" is three messages in one. A clause that says clearly
what it wants is a wish; everything else belongs to the wish beside it. A second wish is taken
only where it is clear: a wrong split answers what nobody asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.nlu.intents import outside
from bot.nlu.linear import LinearModel
from bot.safety import medication

URGENCY = (
    "crisis",
    "side_effect",
    "green_channel",
    "missed_dose",
    "caregiver_stress",
    "complaint",
    "ask_human",
    "reminder_cancel",
    "reminder_change",
    "reminder_set",
    "check_status",
    "apply_rehab",
    "respite",
    "disability_cert",
    "employment",
    "policy",
)
"""Several wishes in one message are answered in this order."""

MEDICINE = "missed_dose"
"""Everything about medicine is one wish: its answers are the fixed ones."""
SURE = 0.85
SURE_UNSEPARATED = 0.9
LONG = 14
"""Characters of a clause in which a second wish may follow without a stop, as voice input has it."""
_STARTS = re.compile(
    "我?还?(?:想|要)|能不能|可不可以|问问|再问|再帮|再查|麻烦|帮|补贴|护理|低保|残疾证|医保|免费药"
    "|(?:我们?|俺们?|你们?)?那个|[他她]|昨[天晚]|今[天早]|我们|我[儿女弟妹哥姐妈爸爱老]|俺"
)
IN_ALL = 0.1
"""Probability that the whole message leaves to the topic of a part that does not name it."""
SHORTEST = 4
_LINK = "另外|还有(?![点些一])|顺便|再就是|再一个|再说|对了"
_SEPARATOR = re.compile(rf"((?:[\s。！!？?；;，,、]|{_LINK})+)")
_LINKED = re.compile(_LINK)
_WANTS = re.compile(
    "多少|怎[么样]|咋|啥|什么|哪|[吗嘛呢不没吧]$|几|能不能|能[^力]|可以|有没有|是不是|行不行|谁|问|打听"
    "|想|要|帮|麻烦|请|给|求|申请|报名|报个名|办|投诉|举报|提醒|找|查"
)
_NAMES_ITSELF = {
    topic: re.compile(words)
    for topic, words in {
        MEDICINE: "药|针|漏|副作用",
        "caregiver_stress": "累|撑不|熬|烦|崩溃|受不了|心力|带不动|顾不过来|喘不过气|哭|委屈|难熬",
        "complaint": "投诉|举报|告状|告他|反映",
        "ask_human": "人工|社工|真人|打个?电话",
        "reminder_cancel": "提醒|闹钟",
        "reminder_change": "提醒|闹钟",
        "reminder_set": "提醒|叫我|叫他|喊我|喊他|闹钟",
        "check_status": "进度|到哪|批了|审核|结果",
        "apply_rehab": "报个?名|申请|康复",
        "respite": "喘息|替我|照看|托管|看几天|看两天",
        "disability_cert": "残疾证|残疾人证|评残|办证",
        "employment": "工作|上班|找个?活|打工|就业|培训",
        "policy": "补贴|补助|低保|报销|医保|免费药|钱|政策|奖励|津贴",
        "green_channel": "住院|送医|床位|医院",
    }.items()
}
_STATES_IT = (MEDICINE, "complaint", "caregiver_stress")
"""Topics that are told rather than asked for."""
_REMINDERS = ("reminder_set", "reminder_change", "reminder_cancel")


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted: the words for it, its outside intent and its fine intent."""

    text: str
    topic: str
    intent: str


@dataclass(frozen=True, slots=True)
class Apart:
    """A message taken apart: what answers the open question, and what else is wanted."""

    answer: str
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    """With the separator after it."""
    linked: bool
    """A word like 还有 stands before it."""
    wish: Wish | None


def wishes_of(text: str, model: LinearModel) -> tuple[Wish, ...]:
    """The wishes of a message of several clauses, in their order; empty when none is clear."""
    return take_apart(text, model, answers=lambda words: False).wishes


def take_apart(text: str, model: LinearModel, *, answers: Callable[[str], bool]) -> Apart:
    """The wishes of a message, and apart from them the clauses that answer an open question.

    ``answers`` tells of one clause whether it does.
    """
    pieces = _pieces(text, model)
    if sum(bool(words.strip()) for words, _ in pieces) < 2:
        return Apart("", ())
    clauses = _clauses(pieces, model)
    whole = dict(model.parse(text).topics)
    found: dict[str, Wish] = {}
    current, before, answer = "", "", ""
    for clause, after in zip(clauses, [*clauses[1:], None], strict=True):
        if answers(clause.text):
            answer += before + clause.text
            current = before = ""
            continue
        linked = clause.linked or bool(after and after.linked and not current)
        wish = clause.wish
        if wish is None and before and not current:
            wish = _clear_wish(before + clause.text, model)  # "补贴断了三个月，麻烦查查"
        if wish is not None and _stands(wish, found, whole, linked=linked):
            current = wish.topic
            if current == "policy" and clause.linked:
                current = wish.intent
            found.setdefault(current, replace(wish, text=""))
        if current:
            one = found[current]
            found[current] = replace(one, text=one.text + before + clause.text)
            before = ""
        else:
            before += clause.text
    return Apart(answer, tuple(found.values()))


def names_itself(wish: Wish) -> bool:
    """The words for it contain a word that nothing else goes by."""
    return _NAMES_ITSELF[wish.topic].search(wish.text) is not None


def _pieces(text: str, model: LinearModel) -> list[tuple[str, str]]:
    """The clauses of a message, each with what separates it from the next."""
    parts = _SEPARATOR.split(text)
    return [
        piece
        for words, separator in zip(parts[::2], [*parts[1::2], ""], strict=True)
        for piece in _spoken(words, separator, model)
    ]


def _spoken(words: str, separator: str, model: LinearModel) -> list[tuple[str, str]]:
    """Cut a long clause without punctuation in two, where both halves are surely wishes."""
    if len(words) >= LONG:
        for start in _STARTS.finditer(words, SHORTEST, len(words) - SHORTEST):
            halves = words[: start.start()], words[start.start() :]
            meant = [_clear_wish(half, model, sure=SURE_UNSEPARATED) for half in halves]
            if all(wish is not None and names_itself(wish) for wish in meant) and (
                len({wish.topic for wish in meant if wish is not None}) == 2
            ):
                return [(halves[0], ""), (halves[1], separator)]
    return [(words, separator)]


def _clauses(pieces: Sequence[tuple[str, str]], model: LinearModel) -> list[_Clause]:
    clauses, linked = [], False
    for words, separator in pieces:
        clauses.append(_Clause(words + separator, linked, _clear_wish(words, model)))
        linked = bool(_LINKED.search(separator))
    return clauses


def _clear_wish(clause: str, model: LinearModel, *, sure: float = SURE) -> Wish | None:
    """What a clause wants, taken for itself; None where that is not clear."""
    if len(clause) < SHORTEST:
        return None
    if _of_medicine(clause):
        return Wish(clause, MEDICINE, "missed_dose")
    parsed = model.parse(clause)
    topic = outside(parsed.intent)
    if topic == "side_effect":
        topic = MEDICINE
    if parsed.confidence < sure or topic not in _NAMES_ITSELF:
        return None
    if topic not in _STATES_IT and not _WANTS.search(clause):
        return None
    return Wish(clause, topic, parsed.intent)


def _of_medicine(words: str) -> bool:
    """A rule about medicine knows these words; the second reader alone knows only whole messages."""
    concern = medication.check(words)
    return concern is not None and concern.why != ("second_reader",)


def _changes_medicine(words: str) -> bool:
    concern = medication.check(words)
    return concern is None or concern.kind not in ("missed_dose", "side_effect")


def _stands(
    wish: Wish, found: Mapping[str, Wish], whole: Mapping[str, float], *, linked: bool
) -> bool:
    """A part is a wish of its own: it names its topic, or is linked, or the whole leaves room.

    Otherwise it only seems to be one, taken alone: 要办什么手续 goes on with what was said before.
    """
    names = names_itself(wish)
    if wish.topic in (MEDICINE, "caregiver_stress"):
        return names or _of_medicine(wish.text)
    if wish.topic in _REMINDERS and MEDICINE in found and _changes_medicine(found[MEDICINE].text):
        return linked  # "减半片，提醒也改了" is one wish, and refused as one
    return names or linked or whole.get(wish.topic, 0.0) >= IN_ALL
