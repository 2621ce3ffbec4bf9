"""Who the applicant is to the patient: 我弟弟, 我是他姐, 阮囝, 俺娘, 村委会的."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.casework.answers.kin import (
    INVERSE,
    PAIRS,
    ROLES,
    TWO_MEANINGS,
    Term,
    kin_pattern,
    longest_first,
    terms,
)
from bot.casework.answers.model import Field, Gender, Kinship, Problem, Reading, Relation

R = Relation

_ME = (
    "(?:我们家|我家里|我家|咱家|俺家|我屋头|我屋|屋头|家里|我的|俺的|我们|俺们|咱们|阮|我|俺|咱|侬)"
)
_HIM = "(?:他们家|他家|他的|她的|他|她|佢|患者的?|病人的?|服务对象的?|(?:孩子|孩儿|娃儿|娃|小孩)(?:他|她|的)?|当事人的?)"


@dataclass(frozen=True, slots=True)
class _Mention:
    """A relative of the applicant in the text."""

    term: Term
    start: int
    end: int
    mine: bool
    """Called 我的, or the like."""


def read_relation(
    text: str, *, asked: bool, in_passing: bool = True
) -> tuple[Reading[Kinship] | None, list[Problem]]:
    """The applicant's relation to the patient.

    Symmetric words read either way (弟弟: brothers). 我妈 is the patient, a bare 妈妈 the applicant;
    a bare 儿子 can be both and is asked back. Without `in_passing` a relative who is only mentioned
    (打我老公的电话) is left aside.
    """
    readers = (_as_self, _as_side_of_patient, _as_pair, _as_benefit, _as_patient, _as_role)
    for read in readers:
        if read is _as_patient and not in_passing:
            continue
        found = read(text, asked)
        if found:
            problems = []
            if found.value is None and found.candidates:
                problems.append(Problem(Field.RELATION, "which_side"))
            return found, problems
    if asked and re.search(r"家属|家长|家人|家里人|亲人|监护人|长辈|老人|屋头|一家人", text):
        return None, [Problem(Field.RELATION, "which_relative")]
    return None, []


def _one(relation: Relation, term: str = "", gender: Gender | None = None) -> Reading[Kinship]:
    return Reading(Kinship(relation, term, gender))


# --- the patient writes ---------------------------------------------------------------------------

_SELF = re.compile(
    r"(?:给|替|帮|为)(?:我)?(?:自己|本人)|我(?:就是|是)(?:患者|病人|精神病人?|服务对象|当事人|残疾人|本人|自己|康复者|精神残疾)(?!的|家|妈|爸|他|她)|"
    r"我(?:自己|本人)(?:要|想|来|申请|报名|得|有|就是|是患者|是病人|的)|(?:患者|病人|申请人)(?:就)?是我(?:自己|本人)?(?:[。.!！,，\s]|$)|"
    r"(?:是|就是)(?:我)?(?:本人|自己)(?:[。.!！,，\s申想]|$)|我(?:有|得了|患有?|确诊了?)(?:精神|抑郁|双相|躁郁|焦虑|强迫|这个病|分裂)|"
    r"我想给自己|自己给自己|(?:生病的|得病的|病的)是我(?:自己|本人)?(?![一-鿿])|^\s*就是我(?:自己|本人)?[。.!！,，\s]*$"
)
_SELF_ALONE = re.compile(
    r"^[\s]*(?:是|就是|我是|给)?(?:我|我自己|我本人|本人|自己|俺|俺自己|我?自个儿?|我个人|患者本人|病人本人|本人患者)+(?:申请|来的|的|呀|啊|哦|哈|嘛|呢)*[\s。.!！,，]*$"
)


def _as_self(text: str, asked: bool) -> Reading[Kinship] | None:
    if _SELF.search(text) and not re.search(r"自己(?:照顾|带|管|做主|看)", text):
        return _one(R.SELF)
    if asked and (_SELF_ALONE.match(text) or re.match(r"^\s*(?:我)?(?:本人|自己)[\s,，。]", text)):
        return _one(R.SELF)
    return None


# --- 我是他姐: the applicant's side ------------------------------------------------------------------


@cache
def _side_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?:我|俺|咱|本人)(?:就)?[是系](?:{_HIM})?(?:的)?(?:亲)?(?P<role>{kin_pattern()})(?!说|介绍)(?!给|替)"
        rf"|(?:我|俺)(?:就)?是(?P<whose>{kin_pattern()})(?:的|他|她)(?P<of>{kin_pattern()})"
    )


@cache
def _bare_side_pattern() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:是)?{_HIM}(?P<role>{kin_pattern()})[\s。.!！,，啊呀哦的]*$")


def _as_side_of_patient(text: str, asked: bool) -> Reading[Kinship] | None:
    """我是他姐 → the applicant is a sibling; so is 他姐 when asked."""
    match = re.search(
        rf"(?:我|俺)(?:就)?是(?:我)?(?P<whose>{kin_pattern()})(?:的|他|她)?(?P<of>{kin_pattern()})",
        text,
    )
    if match and match["whose"] not in {"娃", "孩子", "娃儿", "小孩"}:
        term = terms()[match["whose"]]
        return _own_side(match["of"], patient=term.name, gender=term.gender)
    match = _side_pattern().search(text)
    if match and match["role"] and not re.match(r"的(?!申|[。.!！,，\s]|$)", text[match.end() :]):
        return _own_side(match["role"])
    if match := re.search(rf"(?:我是)?当(?P<role>{kin_pattern()})的", text):
        return _own_side(match["role"])
    if asked and (match := _bare_side_pattern().match(text)):
        role = _own_side(match["role"])
        if (
            re.match(r"^\s*(?:是)?(?:孩子|孩儿|娃儿?|小孩)", text)
            and terms()[match["role"]].relation is R.CHILD
        ):
            spouse = Kinship(R.SPOUSE, "爱人", terms()[match["role"]].gender)
            assert role.value is not None
            return Reading(None, (role.value, spouse))
        return role
    if asked and (
        match := re.match(rf"^\s*(?:亲)?(?P<role>{kin_pattern()})[\s。.!！,，啊呀哦]*$", text)
    ):
        return _bare_word(match["role"])
    described = rf"^\s*[^，,。我他她不没]{{1,6}}?(?P<role>{kin_pattern()})[\s。.!！]*$"
    match = re.match(described, text) if asked else None
    if match and not re.search(kin_pattern(), text[: match.start("role")]):
        return _patient(match["role"])
    return None


def _bare_word(word: str) -> Reading[Kinship]:
    """A word for a relative as the whole answer to 您是患者的什么人.

    妈妈 says who the applicant is. 儿子 says that only literally, and most who write it apply for
    a son. 孩子 nobody calls himself.
    """
    term = terms()[word]
    as_patient = Kinship(term.relation, term.name, term.gender)
    if word in TWO_MEANINGS:
        return _patient(word)
    if term.relation in {R.CHILD, R.GRANDCHILD}:
        return _one(INVERSE[term.relation])
    if term.name in {"儿子", "女儿", "孙子", "孙女"} and word in _OF_ONESELF:
        return Reading(None, (as_patient, Kinship(INVERSE[term.relation])))
    return Reading(as_patient)


_OF_ONESELF = frozenset(
    ["儿子", "女儿", "孙子", "孙女", "外孙", "外孙女", "大儿子", "小儿子", "大女儿", "小女儿"]
)
"""What a grown child calls himself; 崽, 妮儿 or 闺女 are the parents' words."""


def _own_side(role: str, patient: str = "", gender: Gender | None = None) -> Reading[Kinship]:
    """The relation of somebody who calls himself the patient's `role`."""
    term = terms()[role]
    return Reading(Kinship(INVERSE.get(term.relation, term.relation), patient, gender))


@cache
def _pair_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?:我们|我俩|我跟他|我和他|我跟她|我和她|俺们|关系)?(?:俩|两个)?(?:就)?(?:是|属于)?(?P<pair>{longest_first(PAIRS)})(?:关系|俩)?[\s。.!！,，啊呀的]*$"
    )


def _as_pair(text: str, asked: bool) -> Reading[Kinship] | None:
    match = _pair_pattern().match(text.strip())
    if not match or not (asked or "关系" in text or text.startswith(("我们是", "我俩是"))):
        return None
    kinds = tuple(Kinship(relation) for relation in PAIRS[match["pair"]])
    return Reading(kinds[0]) if len(kinds) == 1 else Reading(None, kinds)


# --- 给我弟弟报名, 我弟弟: the patient's side ---------------------------------------------------------


@cache
def _benefit_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?:给|替|帮|为|帮着|帮忙给)(?:{_ME})?(?:的|个|一个)?(?P<kin>{kin_pattern()})(?P<of>(?:的|他|她|家)?(?:{kin_pattern()}))?"
        rf"(?!说|打电话|看看|商量|发|办的|回)"
    )


def _as_benefit(text: str, asked: bool) -> Reading[Kinship] | None:
    for match in _benefit_pattern().finditer(text):
        if re.match(r"的(?!申请|报名|康复|事)", text[match.end() :]):
            continue
        if terms()[match["kin"]].name == "孩子" and not (asked or "我" in match.group()):
            continue
        if match["of"]:
            return _through(match["kin"], re.sub(r"^[的他她家]", "", match["of"]))
        return _patient(match["kin"])
    return None


def _patient(word: str) -> Reading[Kinship]:
    term = terms()[word]
    kinship = Kinship(term.relation, term.name, term.gender)
    if word in TWO_MEANINGS:
        return Reading(
            None, tuple(Kinship(t.relation, t.name, t.gender) for t in TWO_MEANINGS[word])
        )
    return Reading(kinship)


def _through(first: str, second: str) -> Reading[Kinship]:
    """我老公的妹妹: a relative of a relative."""
    one, two = terms()[first], terms()[second]
    if one.relation is R.PARENT and two.relation is R.CHILD:  # 孩子他爸
        return _one(R.SPOUSE, "丈夫" if two.gender == "male" else "妻子", two.gender)
    return _one(R.OTHER_RELATIVE, f"{one.name}的{two.name}", two.gender)


_NOT_THE_PATIENT_AFTER = re.compile(
    r"^(?:说|告诉|让|叫我|喊我|带着?|陪着?|送|照顾|去世|走得早|走了|不在了|没了|过世|不管|上班|介绍|帮|打工|要上班|出去|同意|签字|是监护人|"
    r"当监护人|做监护人|(?:也|都)?(?:去世|不管|没空|打工|老了|不识字)|管|给我|接|年纪大|跑了|改嫁|离婚|在外)"
)
_NOT_THE_PATIENT_BEFORE = re.compile(
    r"(?:跟|和|由|让|叫|听|被|找|问|离|除了|靠|喊|等|怕|骂|打|吼|转告|告诉|联系|打给|打电话给)(?:我|俺|他|她)?的?$"
)
_PATIENT_AFTER = re.compile(
    r"^(?:[,，\s]*)(?:.{0,6})(?:病|得了|患|确诊|精神|抑郁|双相|分裂|发作|发疯|出院|住院|住过|需要|想|要|申请|报名|残疾|情况|吃药|不吃|今年|\d|岁|叫|"
    r"不出门|不说话|在家|[一二三四五六七八九十]+岁|癫痫|智力|自闭|脑子|不正常|疯)"
)
_THE_PATIENT_BEFORE = re.compile(
    r"(?:带着|照顾|患者是|病人是|是|他是|她是|就是|这是)(?:我|俺|我的)?$"
)


@cache
def _mine_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<me>{_ME})?(?:那个|这个|家|的)?(?:[那这]个?[^，,。\s我他她]{{1,6}}的)?(?:亲)?(?P<kin>{kin_pattern()})(?P<of>(?:的|他|她|家)?(?:{kin_pattern()}))?"
    )


def _mine(text: str, asked: bool) -> Iterator[tuple[_Mention, Reading[Kinship]]]:
    for match in _mine_pattern().finditer(text):
        start, term = match.start("kin"), terms()[match["kin"]]
        at_edge = bool(re.search(r"(?:^|[^一-鿿]|[是给为着的有想让把我])$", text[:start]))
        long_enough = len(match["kin"]) > 1
        if not match["me"] and not (at_edge and (long_enough or asked)):
            continue
        if not (match["me"] or asked or match["of"]) and term.name == "孩子":
            continue  # 孩子 is anybody's word for the patient
        if not match["me"] and re.search(r"(?:他|她|人家|别人)的?$", text[:start]):
            continue
        if _kin_in_other_word(text, match):
            continue
        if match["of"]:
            if term.relation is R.PARENT and _NOT_THE_PATIENT_AFTER.match(text[match.end() :]):
                # 娃儿他爸走得早: the child is the one it is about.
                yield _Mention(term, start, match.end("kin"), True), _patient(match["kin"])
                continue
            through = _through(match["kin"], re.sub(r"^[的他她家]", "", match["of"]))
            yield _Mention(term, start, match.end(), bool(match["me"])), through
        else:
            yield _Mention(term, start, match.end(), bool(match["me"])), _patient(match["kin"])


_OTHER_WORDS = re.compile(
    r"^(?:儿童|儿科|儿时|妈的|娘家|娘的|爷们|哥们儿义|妹纸|姐妹俩|弟子|孙权|姑且|姨太|崽子|兄弟单位|孩子气|男人们|先生好|老师|学生证|朋友圈|"
    r"邻居说|朋友说|朋友介绍|同事说|亲戚说|邻居介绍|阿姨您|阿姨你|大姐你|大哥你|大姐您|大哥您|亲戚介绍|同学说|大叔你|姑娘你|妹子你|"
    r"老乡镇|老板|先生您|同事介绍|同学介绍|工人|小朋友圈|员工)"
)


def _kin_in_other_word(text: str, match: re.Match[str]) -> bool:
    return bool(_OTHER_WORDS.match(text[match.start("kin") :]))


def _as_patient(text: str, asked: bool) -> Reading[Kinship] | None:
    """我弟弟，34岁: the relative who is spoken of as ill, or the only one."""
    scored: list[tuple[int, Reading[Kinship]]] = []
    for mention, reading in _mine(text, asked):
        if mention.term.relation in {R.NEIGHBOUR, R.FRIEND} and not (
            asked or re.search(r"(?:我|帮|有个|是我)的?$", text[: mention.start])
        ):
            continue
        score = 1 if asked or mention.mine else 0
        after, before = text[mention.end :], text[: mention.start]
        if _PATIENT_AFTER.match(after):
            score += 2
        if _THE_PATIENT_BEFORE.search(before):
            score += 2
        if _NOT_THE_PATIENT_AFTER.match(after) or _NOT_THE_PATIENT_BEFORE.search(before):
            score -= 3
        if after.startswith("家") and re.search(r"(?:住|在|去|到|回|借)(?:我|俺)?的?$", before):
            score -= 3
        scored.append((score, reading))
    if not scored:
        return None
    best = max(score for score, _ in scored)
    if best < 1:
        return None
    readings = list(dict.fromkeys(reading for score, reading in scored if score == best))
    if len(readings) == 1:
        return readings[0]
    return Reading(None, tuple(r.value for r in readings if r.value))


# --- 村委会的: third parties ---------------------------------------------------------------------------


@cache
def _role_pattern() -> re.Pattern[str]:
    words = {word for _, group in ROLES for word in group.split()}
    return re.compile(rf"(?P<role>{longest_first(words)})")


@cache
def _relation_of_role() -> dict[str, Relation]:
    return {word: relation for relation, words in ROLES for word in words.split()}


def _as_role(text: str, asked: bool) -> Reading[Kinship] | None:
    """我是村委会的, 我们村有个人."""
    if re.search(
        r"(?:我们|俺们|咱)?(?:村|社区|小区|楼里|楼上|楼下|单元|院子|隔壁)(?:里)?(?:有个|有一个|那个|一个|家的|家有|的一个|那家)",
        text,
    ) or (
        asked
        and re.match(
            r"^\s*(?:我)?(?:是)?(?:他|她)?(?:的)?(?:隔壁|楼上|楼下|对门|同村|一个村)", text
        )
    ):
        return _one(R.NEIGHBOUR, "邻居")
    match = re.search(
        rf"(?:我|俺|我们|这里|这边)(?:就是|是|在).{{0,8}}?{_role_pattern().pattern}[^，,。的]{{0,4}}?(?:的(?!康复|服务|医生)|里的|工作人员|的人|的干部|工作|上班|这边的|$|[，,。])",
        text,
    )
    if match is None and asked:
        match = re.match(
            rf"^\s*.{{0,6}}?{_role_pattern().pattern}(?:的|工作人员|这边|里|干部|人员|那边)*[\s。.!！,，]*$",
            text,
        )
    if match:
        return _one(_relation_of_role()[match["role"]])
    if re.search(
        r"(?:(?:帮|替)(?:别人|人家|一个人|街坊|邻里)|给(?:别人|人家)(?:问|申请|报|咨询))", text
    ):
        return _one(R.OTHER)
    return None
