"""Whose plan is it: the message divided into one segment for each medicine or appointment."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from bot.care.reading.plan import Kind
from bot.care.reading.tokens import AMOUNTS, DAYS, SLOTS, T, Token, boundary
from bot.nlu.drugs import drug

_FETCH = re.compile(
    r"(?:拿|取|领|买|配|去开|再开|开点|开些|院开|拿点|拿些|续|备)(?:点|些|[一两三\d]+[盒瓶])?(?:他的|我的|免费的?)?$"
)
_INJECT = re.compile(r"(?:打|注射)(?:[一\d]?[针支次]|了|个)*(?:长效)?$")
_AND = re.compile(r"[\s,、和跟与及同+以并/]*(?:还有)?[\s,、]*")
_OWNER = re.compile(
    r"(爷爷|奶奶|外公|外婆|姥爷|姥姥|[爸妈哥弟姐妹爹娘]|老公|老婆|爱人|老伴|儿子|女儿|闺女|孩子|我)的$"
)
_WEAK = "weak"


@dataclass(slots=True)
class Head:
    """What one plan is about. `tokens` are those that name it."""

    kind: Kind
    tokens: list[Token]
    drug: Token | None = None
    owner: str = ""
    """Whose medicine, where a message speaks of that of several people."""

    @property
    def start(self) -> int:
        return self.tokens[0].start if self.tokens else 0

    @property
    def weak(self) -> bool:
        return all(_WEAK in token.items for token in self.tokens)


@dataclass(slots=True)
class Segment:
    """The tokens of one plan, in order, with those of its head among them."""

    head: Head
    tokens: list[Token] = field(default_factory=list)


def _drug_kind(token: Token, chars: str) -> Kind:
    clause = re.split(r"[,;。\n]", chars[: token.start])[-1]
    # 去医院开, 社区领: fetched, not taken; but 医生开的 names what is taken.
    if _FETCH.search(clause) and not re.search(r"(?:医生|大夫|主任)[^,]{0,3}开", clause):
        return "refill"
    if token.value and drug(token.value).injected:
        return "injection"
    if token.items[0] == "长效针" or "form:注射液" in token.items or _INJECT.search(clause):
        return "injection"
    return "medication"


def find_heads(tokens: list[Token], chars: str) -> list[Head]:
    """Every medicine and appointment named, in order; a general 吃药 only where nothing else is."""
    heads: list[Head] = []
    for token in tokens:
        if token.kind is T.DRUG:
            heads.append(Head(_drug_kind(token, chars), [token], token))
        elif token.kind is T.SUBJECT:
            kind: Kind = token.value  # type: ignore[assignment]
            heads.append(Head(kind, [token]))
    heads = _merge_fetched(_merge_needles(heads, chars), chars)
    return sorted(_without_general(heads, tokens, chars), key=lambda head: head.start)


def _merge_needles(heads: list[Head], chars: str) -> list[Head]:
    """打针 beside a long-acting medicine is that medicine's injection."""
    named = [head for head in heads if head.kind == "injection" and head.drug is not None]
    kept: list[Head] = []
    for head in heads:
        if head.kind == "injection" and head.drug is None and named:
            nearest = min(named, key=lambda other: abs(other.start - head.start))
            nearest.tokens.append(head.tokens[0])
            continue
        if (
            head.kind == "medication"
            and head.drug is not None
            and kept
            and kept[-1].kind == "injection"
            and kept[-1].drug is None
            and re.fullmatch(r"[一\d]?[针支]?", chars[kept[-1].tokens[-1].end : head.start])
        ):
            kept[-1] = Head("injection", [kept[-1].tokens[0], head.tokens[0]], head.drug)
            continue
        kept.append(head)
    for head in kept:
        head.tokens.sort(key=lambda token: token.start)
    return kept


def _merge_fetched(heads: list[Head], chars: str) -> list[Head]:
    """取药 and 领奥氮平 in one breath are one errand; so are 复诊拿药 without a word between."""
    kept: list[Head] = []
    for head in heads:
        if kept:
            last = kept[-1]
            gap = chars[last.tokens[-1].end : head.start]
            same = last.kind == head.kind and (last.drug is None or head.drug is None)
            if same and head.kind != "medication" and boundary(gap) < 3:
                last.tokens += head.tokens
                last.drug = last.drug or head.drug
                continue
            errand = {last.kind, head.kind} <= {"follow_up", "refill", "lab", "visit"}
            if errand and len(gap) <= 1 and not gap.strip():
                last.tokens += head.tokens
                continue
        kept.append(head)
    return kept


def _of_several_people(heads: list[Head], chars: str) -> list[Head]:
    """爷爷的药…奶奶的药: a plan for each of them."""
    owners: dict[str, Head] = {}
    for head in heads:
        if owner := _OWNER.search(chars[: head.start]):
            head.owner = owner[1]
            owners.setdefault(owner[1], head)
    return list(owners.values()) if len(owners) > 1 else []


def _without_general(heads: list[Head], tokens: list[Token], chars: str) -> list[Head]:
    """Drop the general words for medicine that stand beside a named one or an errand."""
    if not all(head.weak for head in heads):
        heads = [head for head in heads if not head.weak]
    general = [head for head in heads if head.kind == "medication" and head.drug is None]
    named = [head for head in heads if head not in general]
    if any(head.kind == "medication" for head in named):
        return named
    if not named and all(head.weak for head in general):
        return _of_several_people(general, chars) or general[:1]
    return sorted([*named, *general], key=lambda head: head.start)


def divide(heads: list[Head], tokens: list[Token], chars: str) -> list[Segment]:
    """Cut the message between each two heads where every plan is best described.

    A plan is well described when its doses have times and its times doses; between equal cuts the
    stronger separator wins.
    """
    if len(heads) <= 1:
        head = heads[0] if heads else Head("medication", [])
        return [Segment(head, list(tokens))]
    anchors = [tokens.index(head.tokens[0]) for head in heads]
    times_first = any(token.kind in SLOTS for token in tokens[: anchors[0]])

    # From the last head back: the best score from a head on, and where its segment then ends,
    # for each place where that segment may begin.
    after: dict[int, tuple[float, int]] = {
        start: (_described(heads[-1], tokens[start:], chars), len(tokens))
        for start in range(anchors[-2] + 1, anchors[-1] + 1)
    }
    tables = [after]
    for n in range(len(heads) - 2, -1, -1):
        begins = range(anchors[n - 1] + 1, anchors[n] + 1) if n else range(1)
        cuts = [cut for cut in after if not _inseparable(tokens, cut, anchors[n + 1], chars)]
        gains = {cut: _cut_gain(tokens, cut, anchors[n + 1], chars, times_first) for cut in cuts}
        here: dict[int, tuple[float, int]] = {}
        for start in begins:
            scored = [
                (_described(heads[n], tokens[start:cut], chars) + gains[cut] + after[cut][0], -cut)
                for cut in cuts
            ]
            score, cut = max(scored)
            here[start] = (score, -cut)
        tables.append(here)
        after = here
    borders = [0]
    for table in reversed(tables):
        borders.append(table[borders[-1]][1])
    return [Segment(head, tokens[borders[n] : borders[n + 1]]) for n, head in enumerate(heads)]


def _cut_gain(tokens: list[Token], cut: int, head_at: int, chars: str, times_first: bool) -> float:
    return 0.6 * boundary(_gap(tokens, cut, chars)) + _habit(tokens, cut, head_at, times_first)


def _inseparable(tokens: list[Token], cut: int, head_at: int, chars: str) -> bool:
    """晚上8点 is one time. Directly before the next name a cut is always possible."""
    if cut == head_at:
        return False
    left, right = tokens[cut - 1], tokens[cut]
    return left.kind is T.PART and right.kind in SLOTS and not chars[left.end : right.start].strip()


def _gap(tokens: list[Token], cut: int, chars: str) -> str:
    return chars[tokens[cut - 1].end : tokens[cut].start]


def _habit(tokens: list[Token], cut: int, head_at: int, times_first: bool) -> float:
    """A message that began with a time goes on so; one that began with a name too."""
    between = tokens[cut:head_at]
    if times_first:
        return 0.3 if between and between[0].kind in SLOTS | DAYS else 0.0
    return 0.3 if not between else 0.0


def _described(head: Head, tokens: list[Token], chars: str) -> float:
    if head.kind != "medication":
        days = sum(token.kind in DAYS or token.kind is T.LEAD for token in tokens)
        doses = sum(token.kind in AMOUNTS for token in tokens)
        allowed = 1 if head.kind == "injection" else 0
        return (2.0 if days else 0.0) - 1.5 * max(0, days - 2) - 2.0 * max(0, doses - allowed)
    pieces = [
        token for token in tokens if token.kind in AMOUNTS and token.value not in ("mg", "g", "ug")
    ]
    counted = pieces or [token for token in tokens if token.kind in AMOUNTS]
    pattern = ""
    for token in tokens:
        if token.kind in SLOTS or token.kind in (T.FREQ, T.PRN):
            pattern += "s"
        elif token in counted:
            pattern += "d"
    pattern = re.sub(r"s+", "s", pattern)
    score = 3.0 if "s" in pattern and "d" in pattern else 1.5 if pattern else 0.0
    if "d" in pattern and pattern.startswith("s") and pattern.endswith("s"):
        score -= 2.0
    if pattern.startswith("d") and pattern.endswith("d") and len(pattern) > 1:
        score -= 2.0
    score -= 2.0 * len(re.findall("(?=dd)", pattern))
    leading = tokens.index(head.tokens[0]) if head.tokens and head.tokens[0] in tokens else 0
    if any(token.kind in AMOUNTS for token in tokens[:leading]):
        score -= 0.4
    return score


def share_days(segments: list[Segment], chars: str) -> None:
    """每个月打针拿药,都是10号: days said for all errands at the end hold for each of them."""
    if len(segments) < 2 or any(segment.head.kind == "medication" for segment in segments):
        return
    days = [token for segment in segments for token in segment.tokens if token.kind in DAYS]
    said = [t for t in days if re.search(r"都(?:是|在|要)?$", chars[: t.start])]
    if not said:
        return
    for segment in segments:
        own = [token for token in segment.tokens if token.kind not in DAYS]
        segment.tokens = sorted([*own, *days], key=lambda token: token.start)


def split_days(segment: Segment) -> list[Segment]:
    """周一三五一片,周二四六半片: one plan for each set of days that has its own doses or times.

    For a medicine only days that come again divide: doses on single dates are a gradual change.
    """
    tokens = segment.tokens
    medicine = segment.head.kind == "medication"
    marks = [n for n, token in enumerate(tokens) if _divides(token, medicine)]
    told = AMOUNTS | SLOTS
    cuts = [
        later
        for earlier, later in itertools.pairwise(marks)
        if any(token.kind in told for token in tokens[earlier:later])
        and (medicine or any(token.kind in SLOTS for token in tokens[later:]))
    ]
    cuts += [
        n for n, token in enumerate(tokens) if token.kind is T.PRN and _adds_as_needed(tokens, n)
    ]
    if not cuts:
        return [segment]
    cuts = sorted(set(cuts))
    borders = [0, *cuts, len(tokens)]
    return [Segment(segment.head, tokens[start:end]) for start, end in itertools.pairwise(borders)]


def _adds_as_needed(tokens: list[Token], place: int) -> bool:
    """睡前一片,烦躁时再加半片: a plan with times, and another one as needed."""
    before, after = tokens[:place], tokens[place:]
    scheduled = any(t.kind in SLOTS or t.kind is T.FREQ for t in before)
    return (
        scheduled
        and any(token.kind in AMOUNTS for token in before)
        and any(token.kind in AMOUNTS for token in after)
    )


def _divides(token: Token, medicine: bool) -> bool:
    if token.kind is T.WEEKDAY:
        return token.value in ("every", "") or (not medicine and token.value in ("this", "next"))
    if token.kind is T.EVERY:
        return token.value.startswith(("schedule:odd", "schedule:even"))
    return token.kind is T.DATE and not medicine and "past" not in token.items


def listed_together(left: Segment, right: Segment, chars: str) -> bool:
    """利培酮和苯海索早晚各一片: nothing but a conjunction stands between the two."""
    if not left.tokens:
        return False
    gap = chars[left.tokens[-1].end : right.head.start]
    return _AND.fullmatch(gap) is not None
