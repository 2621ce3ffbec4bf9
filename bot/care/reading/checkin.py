"""Short answers to a reminder: taken, not taken, later.

An answer is believed only when nothing but fillers is left of its clause: 吃了 is one, 吃了药手抖
is a complaint about the medicine.
"""

from __future__ import annotations

import re

from bot.care.reading import cues
from bot.care.reading.plan import Kind, PlanReading
from bot.care.reading.times import read_times
from bot.care.reading.tokens import SLOTS, T, Token
from bot.nlu.drugs import drug

_CLAUSE = re.compile(
    r"[^,。;\n!?~ ]{3,}?了(?=早上|中午|晌午|下午|晚上|睡前|夜里|早饭|午饭|晚饭)|[^,。;\n!?~ ]+"
)
"""Dictation writes no commas: after 了 another time of the day begins another clause."""
_FILLER = re.compile(
    r"刚刚|刚才|刚|已经|已|都|也|全部|全|早就|按时|准时|乖乖|我们|我家|咱|我|俺|他们|他|她|孩子|娃儿?|儿子|女儿|闺女|老伴|老公|老婆|爱人|[大小二]?(?:妈|爸|哥|弟|姐|妹|爷|奶)(?:妈|爸|哥|弟|姐|妹|爷|奶)?|那个|[那这][顿次份片粒颗针遍]|一[顿次份回道片粒]|的|药|呢|啊|呀|哦|噢|嗯|好的|谢谢|哈|您|你|放心|吧|嘛|哟|呗|给|就着水|自己|终于|总算|在|又|就|今儿?|还|啦|了|咯|嘞|喽|哒|哩|收到|ok|报告|社工|针|全都|半天|才|已|社区|去|医院|到|是|把|盯着|看着|亲眼"
)
_DONE = re.compile(r"了|过|完|好|啦|咯|嘞|喽|已|刚|掉|哒|哩|罢|毕|落肚")
_TAKEN = re.compile(
    r"(?:吃|服|喝|打|咽|喂|食|用|注射|吞)(?:吃|服|下去|下|完|过|好|掉|罢|毕|落肚|进去)*"
)
_WHOLE_TAKEN = re.compile(
    r"(?:打卡|搞定|完成|吃妥|吃毕|食左|食咗|食过|食了|吃哒|食好)(?:了|啦|咯)?"
)
_MISSED = re.compile(
    r"忘(?:了|记|掉)*(?:给|让)?(?:他|她|我|孩子)?(?:吃|服|打|喂|喝|去)?|(?:还|又|都|真|也|一直)?(?:没有?|未|莫有|冇)(?:给|让)?(?:他|她|孩子)?(?:肯|来得及|顾上|顾得上|按时|去)?(?:吃|服|喝|打|用|食)(?:上|下去|进去|成|完)?|没(?:有)?(?:动|碰)|漏(?:掉|了|服|吃|打)+|(?:死活|硬是|就是|又|坚决|还是)?(?<!先)不(?:肯|愿意|愿|想|要|配合|张嘴|让|给)*(?:吃|服|喝|打)|拒(?:绝)?(?:吃|服|服药)|(?:全|又|刚|都)?(?:给)?吐(?:了|出来|掉|出去|光)+|错过|落下|(?:死活|硬是|就是|坚决|还是)?不(?:张嘴|张口|开口|咽)|(?:喂|塞|灌)不(?:进去?|下去?)|含着不咽"
)
_HABIT = re.compile(
    r"不吃(?:药)?(?:也|都)|老(?:是|忘|不|漏)|总(?:是|忘|不|漏)|经常|常常|有时|每次|一直(?!没吃)|好几次|平时|容易|以前|从小|最近"
)
_NOT_MEDICINE = re.compile(
    r"饭|菜|肉|东西|水果|没喝|苦|亏|过年|早餐|午餐|面|粥|酒|电话|人|架|疫苗|招呼|牌|工|卡了|字"
)
_AFTERWARDS = re.compile(
    r"(?:怎么办|咋办|咋整|咋弄|要紧不|要不要紧|要紧吗|有事没|有没有事|补不补|要补吗|能补吗|可以补吗|要不要补|需要补吗|能不能补|行吗|好吗|没事吧|没关系吧|可以吗|不要紧吧|有影响吗|[?])"
)
_WISH_TO_END = re.compile(
    r"(?<![不暂])停(?:了|吧|药|掉)|戒药|断药|(?:药|针)[^,]{0,2}(?:扔|断)|不(?:再)?吃了(?!呢)"
)
_NO_MORE = re.compile(r"(?:别|不用|不要|甭|莫)(?:再|老|总)?(?:催|提醒|叫|喊|发)(?:了|我|啦)*$")
_DONE_OTHER: list[tuple[Kind, re.Pattern[str]]] = [
    (
        "follow_up",
        re.compile(
            r"(?:复诊|看病|门诊)(?:去)?(?:完|过|看)?(?:了|完了|过了)|(?:去|看)(?:过|完|了)(?:复诊|医生|大夫|门诊)|去复诊了|看完(?:医生|大夫)?了"
        ),
    ),
    (
        "refill",
        re.compile(
            r"药(?:拿|取|领|开|买|配)(?:了|到|回来|好|完)+|(?:拿|取|领|开|买|配)(?:到|了|完|好|回)+药|取药去过"
        ),
    ),
    (
        "lab",
        re.compile(
            r"血(?:常规)?(?:抽|查|验)(?:了|过|完|好)+|(?:抽|查|验)(?:完|过|了)血|(?:检查|化验)做(?:了|过|完)+|化验(?:完|过)了"
        ),
    ),
    ("visit", re.compile(r"随访(?:过|完)+了?|(?:社工|医生)来过")),
    (
        "injection",
        re.compile(r"打(?:完|过|好|了|上)+(?:长效)?针|针(?:已经|都|也)?打(?:完|过|好|了|上)+"),
    ),
]
_NOT_DONE_OTHER: list[tuple[Kind, re.Pattern[str]]] = [
    ("follow_up", re.compile(r"(?:没|忘了?|忘记)(?:去|得)?(?:复诊|看医生)|复诊(?:没去|忘了|错过)")),
    (
        "refill",
        re.compile(r"(?:没|忘了?|忘记)(?:去|来得及)?(?:拿|取|领)药|药(?:没|还没)(?:拿|取|领)"),
    ),
    (
        "lab",
        re.compile(r"(?:没|忘了?|忘记)(?:去|来得及)?(?:抽血|查血|验血)|血(?:没|还没)(?:抽|查|验)"),
    ),
    (
        "injection",
        re.compile(
            r"(?:没|忘了?|忘记|漏)(?:去|来得及|有)?打(?:长效)?针|针(?:还)?(?:没|忘了?|漏)打?|(?<!先)不(?:肯|愿意?|想|去)?打针|(?:晚|迟|过|拖)了?[^,]{0,6}没打"
        ),
    ),
]


def read_checkin(chars: str, tokens: list[Token]) -> list[PlanReading]:
    """Check-ins in the order said, or nothing if the message is no plain answer."""
    if cues.OVERDOSE.search(chars) or cues.REMINDED_NOT.search(chars):
        return []
    found: list[PlanReading] = []
    loose = 0
    for match in _CLAUSE.finditer(chars):
        clause = match[0]
        own = [t for t in tokens if match.start() <= t.start < match.end()]
        reading = _read_clause(clause, own, chars, match.start())
        if reading is not None:
            _add(found, reading)
        elif _WISH_TO_END.search(clause):
            return []
        elif not _harmless(clause):
            loose += len(_without_tokens(clause, own, match.start()))
            if any(_plans_ahead(token) for token in own):
                return []
    if not found or loose > 14:
        return []
    return found


def _plans_ahead(token: Token) -> bool:
    """Something in the message is arranged and not reported."""
    if token.kind is T.DATE:
        return "past" not in token.items and token.value != "today"
    return token.kind in (T.DOSE, T.CHANGE, T.EVERY, T.FREQ, T.WEEKDAY, T.LEAD)


def _add(found: list[PlanReading], reading: PlanReading) -> None:
    """吃了,又吐了 ends as missed: what was said last of the same dose counts."""
    for earlier in found:
        same = earlier.kind == reading.kind and earlier.drug == reading.drug
        if same and (earlier.times == reading.times or not reading.times):
            if reading.op == "checkin_missed":
                earlier.op = "checkin_missed"
            return
    found.append(reading)


def _harmless(clause: str) -> bool:
    return (
        cues.CANCEL.search(clause) is not None
        or cues.POLITE.search(clause) is not None
        or _AFTERWARDS.search(clause) is not None
        or not _FILLER.sub("", clause)
    )


def _without_tokens(clause: str, tokens: list[Token], offset: int) -> str:
    kept = list(clause)
    for token in tokens:
        if token.kind in SLOTS or token.kind in (T.DRUG, T.DATE, T.LAST, T.NEXT):
            for n in range(token.start - offset, min(token.end - offset, len(kept))):
                kept[n] = ""
    return "".join(kept)


def _read_clause(clause: str, tokens: list[Token], chars: str, offset: int) -> PlanReading | None:
    if re.search(r"[别莫勿]忘|记得|提醒我|叫我|喊我", clause):
        return None
    if _NOT_MEDICINE.search(clause) or _HABIT.search(clause):
        return None
    if (
        "还是" in clause
        or re.search(r"还有[^,]*没[吃打服][^,]*[吗么没]$", clause)
        or re.search(r"不吃[^,]*吃[一二两半\d]", clause)
    ):
        return None  # 早上吃好还是晚上吃好, 白天不吃夜里吃一片
    clause = _NO_MORE.sub("", clause)
    bare = _AFTERWARDS.sub("", _without_tokens(clause, tokens, offset))
    for kind, pattern in _NOT_DONE_OTHER:
        if not _wish(clause) and (hit := pattern.search(bare)) and _nothing_left(bare, hit, 5):
            return _checkin("checkin_missed", kind, tokens, chars)
    ahead = any(t.kind is T.DATE and _plans_ahead(t) for t in tokens)
    for kind, pattern in () if ahead else _DONE_OTHER:
        if (hit := pattern.search(bare)) and _nothing_left(bare, hit, 2):
            return _checkin("checkin_taken", kind, tokens, chars)
    kind = _kind(clause, tokens)
    if (hit := _MISSED.search(bare)) and not _wish(clause):
        named = re.search(r"[吃服打喝喂食用]", bare[hit.start() :]) is not None
        habitual = any(token.kind in (T.EVERY, T.FREQ, T.CHANGE) for token in tokens)
        # 忘带了没吃: each word of it says the same.
        bare = bare[: hit.end()] + _MISSED.sub("", bare[hit.end() :])
        if not habitual and _nothing_left(bare, hit, 7 if named else 2 if "吐" in hit[0] else 0):
            return _checkin("checkin_missed", kind, tokens, chars)
        return None
    if _WHOLE_TAKEN.fullmatch(bare):
        return _checkin("checkin_taken", kind, tokens, chars)
    if any(token.kind in (T.SPAN, T.EVERY, T.FREQ, T.CHANGE, T.PRN) for token in tokens):
        return None
    if not _DONE.search(bare):
        return None
    rest = _FILLER.sub("", re.sub(r"^[一二两三四半\d]+[片粒颗](?=都?吃)", "", bare))
    if not _TAKEN.fullmatch(rest):
        return None
    if rest.startswith(("打", "用")) and not (
        "针" in clause or any(t.kind is T.DRUG for t in tokens)
    ):
        return None
    return _checkin("checkin_taken", kind, tokens, chars)


def _nothing_left(bare: str, hit: re.Match[str], allowed: int) -> bool:
    rest = bare[: hit.start()] + bare[hit.end() :]
    return len(_FILLER.sub("", rest)) <= allowed


def _wish(clause: str) -> bool:
    """不想吃药了 is a wish to stop, 他不想吃 a dose not taken."""
    return re.search(r"不(?:想|要|用|能|打算)?(?:再)?(?:吃|服|打)(?:药|针)?了", clause) is not None


def _kind(clause: str, tokens: list[Token]) -> Kind:
    for token in tokens:
        if token.kind is T.DRUG and token.value and drug(token.value).injected:
            return "injection"
    return "injection" if "针" in clause else "medication"


def _checkin(op: str, kind: Kind, tokens: list[Token], chars: str) -> PlanReading:
    plan = PlanReading(op="checkin_taken" if op == "checkin_taken" else "checkin_missed", kind=kind)
    points = read_times([token for token in tokens if token.kind in SLOTS], chars).points
    plan.times = list(dict.fromkeys(point.key for point in points if point.key))
    for token in tokens:
        if token.kind is T.DRUG:
            plan.drug = token.value or None
            if token.items[0] != token.value:
                plan.drug_text = token.items[0]
            plan.nonpsych = "other" in token.items
        elif token.kind is T.DATE and token.value.startswith("-"):
            plan.day = token.value
    return plan
