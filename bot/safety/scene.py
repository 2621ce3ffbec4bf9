"""Who, when, whether: the circumstances in which something dangerous was mentioned.

The same words are an alarm ("他拿刀了"), a past ("刚得病那年拿过刀"), a question ("拿刀算不算肇事")
or nothing ("不会拿刀的"). `judge` decides which, from cue words (`words_scope.toml`) and their
place. Whatever is not clearly one of the milder circumstances is `NOW`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from bot.safety import lexicon
from bot.safety.lexicon import Token, Tokens
from bot.safety.pattern import Found


class Circumstance(StrEnum):
    """How a mention is meant. The order of the checks is in `judge`."""

    HARMLESS = "harmless"  # explained by what stands beside it: 拿刀切菜
    STORY = "story"  # a film, the news, a dream
    TOPIC = "topic"  # training, rules, forms
    LAW = "law"  # who is liable, what the law says
    LAW_IN_GENERAL = "law_in_general"  # … and of nobody in particular
    OF_CATEGORY = "of_category"  # a question about such patients as a category
    GENERAL = "general"  # a question about how things are done, of nobody in particular
    PAST = "past"
    HYPOTHETICAL = "hypothetical"  # 万一、如果
    FEAR = "fear"  # 怕他…
    WISH = "wish"  # 想…
    THREAT = "threat"  # 说要…、再…就…
    HABIT = "habit"  # 经常、有时候
    LATELY = "lately"  # 最近、上周
    NOW = "now"  # everything else, last night included


Subject = Literal["self", "third", "unknown"]

_FILLER = re.compile(
    r"有|再|会|过|想|要|去|发生|出现|任何|什么|这种|那种|这个|那个|真的?|敢|他|她|我|人|曾|那么|是"
    r"|能|可能|肯|用|多|乱|又|主动|做|随便|故意|明显|说|到|被|给|让|出|来|啥|怎么|经历|和|及|与|或|跟|的"
)
_AFTER_NEGATION = re.compile(
    r"(?:的?(?:行为|想法|念头|倾向|情况|现象|事))?(?:倒是?|是|都|也|从来|绝对|肯定)?"
    r"(?:没有(?!了|用)|不会(?:的|了)|不存在|没发生|无(?![法聊奈助意缘故论语力]))"
)
_DOUBLE = ("不是", "并不是", "又不", "怎么会", "不能说", "不可能", "不敢说")
_INTENT = re.compile(r"要|会|就|再|准备|打算|想|得|敢")
_EXPERIENCE = re.compile(
    r"(?<=[割跳吊吃吞喝服打砍捅拿提持掐放走跑丢失绑关锁捆拴杀死犯发抽歪翻烂闹住想投烧砸伤残疯昏晕咬踢骂虐"
    r"撞磕划扎切劈抡掀捶揍推摔敲埋追撵动攒藏试做有作迷上出救洗病毒燃欺逃刺抢毁停断寻轻])过(?!来|去|分|了|\d|敏|量|节|年|世|头)"
)
"""过 after a verb: "割过腕"; not 路过, 不过, 举过头顶, 通过."""
_PERFECTIVE = re.compile(r"了(?!吗|没|不|咋|怎|会|一般|多久|该|要不要|能不能|是不是|算)")


def drop_denied(tokens: Tokens) -> Tokens:
    """The tokens that are not denied; cue words stay. The same object if nothing is denied."""
    cues = lexicon.cues() | lexicon.people()
    denied = {
        token
        for token in tokens.all()
        if token.concept not in cues
        and (_denied_before(token, tokens) or _denied_after(token, tokens))
    }
    return tokens.without(denied) if denied else tokens


def _denied_before(token: Token, tokens: Tokens) -> bool:
    chars = tokens.text.chars
    for cue in tokens.of("NEG"):
        if cue.end > token.start:
            break
        if token.start - cue.end > 14 or not tokens.same_clause(cue.start, token.start):
            continue
        if chars[: cue.start].endswith(_DOUBLE):
            continue
        if _only_filler(cue.end, token.start, tokens):
            return True
    return False


def _only_filler(start: int, end: int, tokens: Tokens) -> bool:
    chars = tokens.text.chars
    mentions = {mention.start: mention.end for mention in tokens.of("MENTION")}
    verbs = {verb.start: verb.end for verb in tokens.of("TAKE", "SWALLOW", "HOLD", "HIT")}
    while start < end:
        filler = _FILLER.match(chars, start, end)
        if start in mentions:
            start = mentions[start]  # "无自伤 | 自杀": one denial for the whole row
        elif verbs.get(start) == end:
            return True  # "没喝 | 农药": what is not done is not done with the thing either
        elif filler:
            start = filler.end()
        else:
            return False
    return True


def _denied_after(token: Token, tokens: Tokens) -> bool:
    end = token.end
    for mention in tokens.of("MENTION"):
        if mention.start <= end < mention.end:
            end = mention.end  # "自伤 | 自杀 | 都无": one denial for the whole row
    found = _AFTER_NEGATION.match(tokens.text.chars, end)
    return found is not None and tokens.same_clause(token.start, found.end() - 1)


class Scene:
    """One tagged message, asked about one place in it at a time."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.text = tokens.text

    def judge(self, anchor: Found) -> list[Circumstance]:
        """The circumstances that hold, the mildest first; empty never, `NOW` is always last."""
        start, end = anchor[0].start, anchor[-1].end
        threat, wish = self._threat(start, end), self._wish(start, end)
        held = [
            (Circumstance.STORY, self._story(start)),
            (Circumstance.TOPIC, self._behind("TOPIC", end, 3) or self._asked(start)),
            (Circumstance.PAST, (when := self._when(anchor)) is Circumstance.PAST),
            (Circumstance.HYPOTHETICAL, self._hypothetical(start, end)),
            (Circumstance.TOPIC, not threat and self._topic(start, end)),
            (Circumstance.LAW, law := self._asks("LAW_Q", start)),
            (Circumstance.LAW_IN_GENERAL, law and not self._personal(start)),
            (
                Circumstance.OF_CATEGORY,
                self._asks("GENERAL_Q", start) and self._before("CATEGORY", start, 8),
            ),
            (Circumstance.GENERAL, self._asks("GENERAL_Q", start) and not self._personal(start)),
            (
                Circumstance.FEAR,
                self._before("FEAR", start, 10) or self._inside("FEAR", start, end),
            ),
            (Circumstance.THREAT, threat),
            (Circumstance.WISH, wish),
            (
                Circumstance.HABIT,
                self._before("HABIT", start, 14) or self._inside("HABIT", start, end),
            ),
            (Circumstance.LATELY, when is Circumstance.LATELY),
        ]
        return [*(circumstance for circumstance, holds in held if holds), Circumstance.NOW]

    def subject(self, start: int) -> Subject:
        """The last person named before `start` in the sentence."""
        last: Subject = "unknown"
        for token in self.tokens.of("SELF", "THIRD"):
            if token.start > start:
                break
            if self.tokens.same_sentence(token.start, start):
                last = "self" if token.concept == "SELF" else "third"
        return last

    def _before(self, concept: str, start: int, reach: int) -> bool:
        return any(
            0 <= start - cue.end <= reach and self.tokens.same_clause(cue.start, start)
            for cue in self.tokens.of(concept)
        )

    def _asked(self, start: int) -> bool:
        return self.text.chars[:start].endswith(("有没有", "有无", "是否有", "有没有过"))

    def _behind(self, concept: str, end: int, reach: int) -> bool:
        return any(0 <= cue.start - end <= reach for cue in self.tokens.of(concept))

    def _ends_clause(self, cue: Token) -> bool:
        """ "我就想 开窗跳了": a wish that runs on after a breath."""
        clause = self.text.clause
        return cue.end < len(clause) and clause[cue.end] != clause[cue.start]

    def _inside(self, concept: str, start: int, end: int) -> bool:
        return any(start <= cue.start and cue.end <= end for cue in self.tokens.of(concept))

    def _story(self, start: int) -> bool:
        for cue in self.tokens.of("STORY"):
            if cue.start <= start and self.tokens.same_sentence(cue.start, start):
                between = self.text.chars[cue.end : start]
                return not re.search(r"也|跟着|学|之后|以后|回来|我想|我要", between)
        return False

    def _when(self, anchor: Found) -> Circumstance:
        start, end = anchor[0].start, anchor[-1].end
        here = [cue for cue in self._times() if self.tokens.same_clause(cue.start, start)]
        before = [cue for cue in here if cue.start <= start]
        nearest = before[-1] if before else (here[0] if here else None)
        if nearest is not None and self._is_hour(nearest):
            nearest = next((cue for cue in reversed(before) if cue.concept in _PAST_CUES), nearest)
        if nearest is not None:
            if nearest.concept in _PAST_CUES and self._intended(nearest.end, start):
                return Circumstance.NOW
            return _time(nearest)
        if self._experienced(anchor):
            return Circumstance.PAST
        if self._past_carries(start, end):
            return Circumstance.PAST
        earlier = [cue for cue in self._times() if cue.start < start]
        if earlier and _time(earlier[-1]) is Circumstance.LATELY:
            return Circumstance.LATELY
        return Circumstance.NOW

    def _is_hour(self, cue: Token) -> bool:
        """ "那会儿刚离婚": 刚 belongs to that time."""
        return any(hour[:2] == cue[:2] for hour in self.tokens.of("HOUR"))

    def _times(self) -> list[Token]:
        return self.tokens.of("PAST", "YEARS_AGO", "LATELY", "WEEKS_AGO", "TODAY", "YESTERDAY")

    def _intended(self, start: int, end: int) -> bool:
        """ "去年出院的他要砍人": an intention is not past, whatever year was named before."""
        return any(start <= cue.start and cue.end <= end for cue in self.tokens.of("PLAN"))

    def _experienced(self, anchor: Found) -> bool:
        """ "割过腕": done before. In "希望没出生过" the word itself has it, and means no past."""
        chars, piece = self.text.chars, self.text.piece

        def says_so(token: Token) -> bool:
            end = token.end
            if end < len(chars) and piece[end] == piece[token.start]:
                end += 1
            start = token.end - 1 if token.concept in _FIXED else token.start
            return bool(_EXPERIENCE.search(chars, start, end))

        return any(says_so(token) for token in anchor)

    def _done_before(self, end: int) -> bool:
        """ "老早的事 拿斧子劈过门": an experience told in the rest of the clause."""
        clause = self.text.clause
        rest = next(
            (i for i in range(end, len(clause)) if clause[i] != clause[end - 1]), len(clause)
        )
        return bool(_EXPERIENCE.search(self.text.chars, end, rest))

    def _past_carries(self, start: int, end: int) -> bool:
        """A past named in another clause reaches here if that clause was about the illness, if
        things are said to be over, or if the next clause dates it ("都是十年前的事了")."""
        times = self._times()
        earlier = [cue for cue in times if cue.start < start]
        if earlier and earlier[-1].concept in _PAST_CUES:
            clause = self.text.clause[earlier[-1].start]
            ill = any(
                self.text.clause[word.start] == clause for word in self.tokens.of("ILL", "MENTION")
            )
            over = any(word.start >= end for word in self.tokens.of("OVER"))
            return ill or over or self._done_before(end) or self._reason_for(clause, start)
        after = [cue for cue in times if cue.start >= end]
        return (
            bool(after)
            and after[0].concept in _PAST_CUES
            and self.text.clause[after[0].start] - self.text.clause[start] == 1
            and bool(re.match(r".{0,6}的事|.{0,3}$|的?时候", self.text.chars[after[0].end :]))
        )

    def _reason_for(self, clause: int, start: int) -> bool:
        """ "年轻时进过看守所 因为伤人": the reason for something past is past."""
        own = self.text.clause[start]
        return own - clause == 1 and self.text.chars.startswith("因为", self.text.clause.index(own))

    def _hypothetical(self, start: int, end: int) -> bool:
        for cue in self.tokens.of("IF"):
            if cue.start < end and self.tokens.same_sentence(cue.start, start):
                then = any(
                    cue.end <= word.start and word.end <= start for word in self.tokens.of("THEN")
                )
                return not then
        return False

    def _topic(self, start: int, end: int) -> bool:
        """Spoken of in general: a training, a law, a form, "的人"; and nobody is doing it. Where a
        person is named the cue must stand in the same clause: "补贴批不下来 他就跳楼"."""
        general = re.match(
            r"(?:行为|想法|念头|倾向)?的(?:病人|患者|学生|孩子|人|来访者|家属|风险|危险)",
            self.text.chars[end : end + 6],
        )
        reach = 0 if self._personal(start) else 2
        asked = [
            cue
            for cue in self.tokens.of("TOPIC")
            if abs(self.text.clause[cue.start] - self.text.clause[start]) <= reach
        ]
        if not general and not asked:
            return False
        happening = any(
            self.tokens.same_clause(cue.start, start) for cue in self.tokens.of("HAPPENING")
        )
        done = _PERFECTIVE.match(self.text.chars, end) and not general
        return not happening and not done

    def _asks(self, concept: str, start: int) -> bool:
        """A question of this kind in the clause or the next one, and nothing happening now."""
        clause = self.text.clause
        return any(
            0 <= clause[cue.start] - clause[start] <= 1 and cue.end > start
            for cue in self.tokens.of(concept)
        ) and not self._inside_clause("NOW_STRONG", start)

    def _personal(self, start: int) -> bool:
        return any(
            self.tokens.same_sentence(cue.start, start)
            for cue in self.tokens.of("SELF", "HE", "KIN", "TODAY", "LATELY")
        )

    def _inside_clause(self, concept: str, start: int) -> bool:
        return any(self.tokens.same_clause(cue.start, start) for cue in self.tokens.of(concept))

    def said(self, position: int) -> int:
        """Characters of the sentence at `position`, without greetings and laughter."""
        sentence = self.text.sentence
        aside = {
            i for token in self.tokens.of("POLITE", "LAUGH") for i in range(token.start, token.end)
        }
        return sum(
            number == sentence[position] and i not in aside for i, number in enumerate(sentence)
        )

    def settled(self, concept: str) -> bool:
        """Said to be over; "没回家了" does not say 回家了."""
        chars = self.text.chars
        return any(
            not chars[: token.start].endswith(("没", "没有", "不", "未"))
            for token in self.tokens.of(concept)
        )

    def spoken_of(self) -> bool:
        """True if the message is about a time long past or about nobody in particular."""
        past = any(cue in self.tokens for cue in ("PAST", "YEARS_AGO"))
        if "STORY" in self.tokens or (past and "TODAY" not in self.tokens):
            return True
        general = "TOPIC" in self.tokens or "LAW_Q" in self.tokens
        return general and not any(name in self.tokens for name in ("SELF", "HE", "KIN"))

    def agent(self, start: int) -> set[str]:
        """What the person or place named last before `start` in the clause is."""
        people = [
            token
            for token in self.tokens.of("PERSON", "INSTITUTION")
            if token.end <= start and self.tokens.same_clause(token.start, start)
        ]
        if not people:
            return set()
        last = people[-1].start
        return {name for name in lexicon.people() for t in self.tokens.of(name) if t.start == last}

    def _wish(self, start: int, end: int) -> bool:
        if any(
            cue.end <= start and self.tokens.same_sentence(cue.start, start)
            for cue in self.tokens.of("IF_NOT")
        ):
            return True
        trailing = any(
            0 <= start - cue.end <= 4 and self._ends_clause(cue) for cue in self.tokens.of("WISH")
        )
        return (
            trailing
            or self._before("WISH", start, 6)
            or any(
                0 <= cue.start - end <= 2 and self.tokens.same_clause(cue.start, start)
                for cue in self.tokens.of("WISH_NOUN")
            )
        )

    def _threat(self, start: int, end: int) -> bool:
        if _PERFECTIVE.match(self.text.chars, end):
            return False
        if self._before("VOICE", start, 8):
            return True
        for cue in self.tokens.of("SAY"):
            near = 0 <= start - cue.end <= 12 and self.tokens.same_clause(cue.start, start)
            if near and _INTENT.search(self.text.chars, cue.start + 1, start):
                return True
        then = any(0 <= start - cue.end <= 4 for cue in self.tokens.of("THEN"))
        return then and any(
            cue.start < start and self.tokens.same_sentence(cue.start, start)
            for cue in self.tokens.of("IF", "COUNTER", "NEG")
        )


_FIXED = frozenset({"DIE_WISH", "ENTRUST", "FAREWELL", "FAREWELL_STRONG", "BURNOUT"})
"""Words for a state of mind; a 过 inside one belongs to the word."""
_PAST_CUES = frozenset({"PAST", "YEARS_AGO"})


def _time(cue: Token) -> Circumstance:
    if cue.concept in _PAST_CUES:
        return Circumstance.PAST
    if cue.concept in ("LATELY", "WEEKS_AGO"):
        return Circumstance.LATELY
    return Circumstance.NOW
