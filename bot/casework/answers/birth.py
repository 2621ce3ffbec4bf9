"""When the patient was born: 34岁, 属虎的, 85年的, 一九八五年, 今年虚岁三十五, or an identity number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from bot.casework.answers.kin import kin_pattern
from bot.casework.answers.model import Birth, BirthBasis, Field, Problem, Reading, Reason
from bot.casework.answers.numerals import FIGURE, NUMBER, digits, number
from bot.privacy.masking.digits import born_on, check_digit_fits, numbers

OLDEST = 110
_TEENS = 10
"""Below it a number without 岁 is seldom an age (现在一直吐)."""
ZODIAC = "鼠牛虎兔龙蛇马羊猴鸡狗猪"
"""In order, beginning with the year 4 of our era."""
_ZODIAC_WORDS = {"小龙": "蛇", "大龙": "龙", "老鼠": "鼠", "耗子": "鼠", "老虎": "虎", "兔子": "兔", "长虫": "蛇", "山羊": "羊",
                 "绵羊": "羊", "猴子": "猴", "公鸡": "鸡", "小狗": "狗", "小猪": "猪"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    """One statement about somebody's age, with its place in the text."""

    birth: Birth
    start: int
    end: int


_EVENT_AFTER = re.compile(
    r"^[\s多半]*(?:的时候|那年|时|起|就|才|开始|得的?病|得了|得的|发的?病|发作|犯的?病|起的?病|患的?病|患的|确诊|查出|诊断|住的?院|住过|出院|结婚|离婚|上学|毕业|"
    r"离家|辍学|退学|退休|下岗|前|以前|之前|以后|后来|左右得|去世|没了|走的|病的|出的?事|生病|进的?院|生了|生的孩子|生他|生她|当兵)"
)
_DURATION_BEFORE = re.compile(
    r"(?:病|吃药|吃|照顾|治|住|干|打工|结婚|离婚|过|有|了|用|服药|坚持|持续|将近|快|整整|断续|反复|第|十|几)\s*了?\s*$"
)

_AGE = re.compile(
    rf"(?P<nominal>虚岁|毛岁|虚龄|论虚)?(?:今年|现年|年龄|年纪|岁数|刚|已经|都|快要?|要|年|才|实岁|周岁|足岁|满)*[是有为：:\s]*"
    rf"(?P<n>{NUMBER})(?P<many>多|来|几|出头|好几|左右|大几)?(?:周|虚)?岁(?P<half>半)?(?P<kind>虚岁|\(虚\)|（虚）)?"
)
_NOMINAL = re.compile(
    rf"(?:虚岁|毛岁|虚龄|论虚岁?|虚)[是有为：:\s]*(?P<n>{NUMBER})(?!年|月|号|日)|(?P<n2>{NUMBER})\s?虚?岁[\s,，]*[(（]?(?:是)?虚岁?[)）]?|(?P<n3>{NUMBER})虚岁"
)
_THIS_YEAR = re.compile(
    rf"(?:今年|现年|年龄|年纪|岁数|年方|周岁|实岁|足岁|现在)[是有为：:\s]*(?:都|已经|刚|满|才|快|整|了)*\s?(?P<n>{NUMBER})(?P<vague>多|几|来|出头|左右)?(?![0-9一二三四五六七八九十年月日号.:：/\-片粒元块天个])"
)
_NOW = re.compile(
    rf"(?:他|她|孩子|儿子|女儿|[妈爸弟哥姐妹婆公])(?:今年|都|已经|也)?(?P<n>{NUMBER})了(?!次|天|年|回|遍|月|个)"
)
_MONTHS = re.compile(rf"(?:才|刚|现在)?(?P<n>{NUMBER})个(?:多)?月大")
_VAGUE = re.compile(
    r"(?:[一二三四五六七八九0-9]{1,3}几年的?|[二三四五六七八九]十?[二三四五六七八九]十|[一二三四五六七八九]?十[一二三四五六七八九][二三四五六七八九]|[二三四五六七八九]十(?:多|来|几|出头|好几|左右|上下|大几|挂零)|"
    r"[2-9]0(?:多|来|几|出头|左右|上下|挂零)|(?:不到|未到|不足|刚过|快要?|将近|差不多|大概|大约|估计|可能|好像|过了年就?|年底就?|马上就?)\s?是?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})|十几)\s?(?:岁|了|吧|$|，|,|。)"
)
_DATE = re.compile(
    rf"(?P<y>(?:19|20)[0-9]{{2}}|[一二]{FIGURE}{{3}})\s?[年.\-/．、—]\s?(?P<m>[01]?[0-9]|十[一二]?|[一二三四五六七八九])\s?(?:[月.\-/．、—]\s?(?P<d>[0-3]?[0-9]|[一二三]?十?[一二三四五六七八九]|[二三]?十))?[日号]?"
)
_COMPACT = re.compile(
    r"(?<![0-9])(?P<y>19[0-9]{2}|20[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])(?![0-9])"
)
_YEAR = re.compile(
    rf"(?<![0-9{FIGURE[1:-1]}])(?P<y>(?:19|20)[0-9]{{2}}|(?:一九|二[〇零○0]){FIGURE}{{2}})(?![0-9{FIGURE[1:-1]}])\s?年?"
)
_SHORT_YEAR = re.compile(
    rf"(?<![0-9{FIGURE[1:-1]}十百])(?P<y>[0-9]{{2}}|{FIGURE}{{2}})\s?年(?!前|来|以|了|多|级|代|龄|半|后|内|里|间|度|初|底)"
)
_SHORT_DATE = re.compile(
    r"(?<![0-9])(?P<y>[0-9]{2})[.\-/．年](?P<m>0?[1-9]|1[0-2])[.\-/．月](?P<d>[0-3]?[0-9])[日号]?(?![0-9.:])"
)
_LONG_MONTH = re.compile(r"^\s*(?P<y>(?:19|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>)\s*$")
_SHORT_MONTH = re.compile(r"^\s*(?P<y>[0-9]{2})[./](?P<m>0?[1-9]|1[0-2])(?P<d>)\s*$")
_MONTHS_ALONE = (_LONG_MONTH, _SHORT_MONTH)
_BORN = re.compile(
    r"^[\s,，]*(?:农历|阴历|阳历)?(?:[0-9一二三四五六七八九十正冬腊]{1,3}月)?(?:[初廿0-9一二三四五六七八九十]{1,4}[日号]?)?(?:份)?(?:出生|生|的|属|人|，|,|。|$|\s)"
)
_BORN_BEFORE = re.compile(
    r"(?:生于|出生[于在年月日期：:是]*|生日[是：:]?|出生年[份月]?[是：:]?|生年|属[^\s]{1,2}[,，\s的]*)\s*$"
)
_ZODIAC = re.compile(rf"属(?:相|象)?[是：:]?(?P<z>{'|'.join(_ZODIAC_WORDS)}|[{ZODIAC}])")
_DECADE = re.compile(rf"(?P<y>[0-9]{{2}}|{FIGURE}[0〇零])后")
_BARE = re.compile(
    rf"^[\s]*(?:是|他|她|患者|病人|今年|现在|应该|刚好|刚|整|正好|才|已经|都|满|周岁|岁数|年龄|[:：])*\s*(?P<n>{NUMBER})\s*(?:了|啦|吧|的|呢|呀|哦|啊)*[\s。.!！]*$"
)


def read_birth(
    text: str, *, asked: bool, today: date, writer_is_patient: bool = False, in_form: bool = True
) -> tuple[Reading[Birth] | None, list[Problem]]:
    """The patient's year of birth, with what speaks against taking it as it stands.

    Ages at which something happened (20岁得病), durations (病了10年) and the ages of other people
    are left aside. A bare number counts only when asked; outside the form (`in_form`) an age also
    needs a person.
    """
    problems: list[Problem] = []
    text = re.sub(r"十有(?=[一二三四五六七八九])", "十", text)
    said = list(_statements(text, asked, today, problems))
    bare = _BARE.match(text) or (None if problems else _only_number(text))
    if not said and asked and (match := bare):
        said = list(_bare(match, today))
        if not said:
            return None, [_problem("implausible")]
    if not said:
        return _by_zodiac(text, asked, today, problems)
    sorted_out = _of_the_patient(text, said, writer_is_patient)
    if sorted_out and not in_form and all(_of_nobody(text, one) for one in sorted_out):
        return None, []
    if sorted_out is None:
        births = tuple(dict.fromkeys(one.birth for one in said))
        return Reading(None, births), [*problems, _problem("whose_age")]
    kept = [one.birth for one in sorted_out if not _objection(one.birth, today)]
    if not kept:
        reasons = dict.fromkeys(_objection(one.birth, today) for one in sorted_out)
        return None, [*problems, *(_problem(reason) for reason in reasons if reason)]
    agreed = _agreeing(list(dict.fromkeys(kept)))
    if len(agreed) > 1:
        return Reading(None, tuple(agreed)), [*problems, _problem("ambiguous")]
    birth = agreed[0]
    if (sign := _zodiac_of(text)) and not _fits(birth, sign):
        return Reading(None, (birth,)), [*problems, _problem("zodiac_mismatch")]
    return Reading(birth), problems


def _problem(reason: Reason) -> Problem:
    return Problem(Field.BIRTH_YEAR, reason)


def _objection(birth: Birth, today: date) -> Reason | None:
    if birth.year > today.year or (birth.born_on and birth.born_on > today):
        return "in_future"
    return "implausible" if today.year - birth.year > OLDEST else None


_BASIS_ORDER: dict[BirthBasis, int] = {
    "identity_number": 0,
    "date": 1,
    "year": 2,
    "age": 3,
    "nominal_age": 4,
    "zodiac": 5,
}


def _agreeing(births: list[Birth]) -> list[Birth]:
    """The surest one where all say the same, within the year that an age leaves open."""
    surest = min(births, key=lambda birth: _BASIS_ORDER[birth.basis])
    return [surest] if all(abs(birth.year - surest.year) <= 1 for birth in births) else births


# --- statements -----------------------------------------------------------------------------------


def _statements(text: str, asked: bool, today: date, problems: list[Problem]) -> Iterator[_Said]:
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        return all(match.end() <= start or match.start() >= end for start, end in taken)

    for found in numbers(text):
        taken.append((found.start, found.end))
        day = born_on(found.digits[:18])
        if found.kind == "identity_number" and day:
            if not check_digit_fits(found.digits[:18]):
                problems.append(_problem("identity_number_mistyped"))
            yield _Said(Birth(day.year, "identity_number", day), found.start, found.end)
    for said in _ages(text, today, problems):
        if all(said.end <= start or said.start >= end for start, end in taken):
            taken.append((said.start, said.end))
            yield said
    for pattern in (_DATE, _COMPACT, _SHORT_DATE, *(_MONTHS_ALONE if asked else ())):
        for match in pattern.finditer(text):
            if free(match) and (match.re in _MONTHS_ALONE or _is_birth(text, match, asked)):
                taken.append(match.span())
                yield _dated(match, today)
    for match in _YEAR.finditer(text):
        alone = (
            asked
            and not text[: match.start()].strip(" 是他她我的年生于：:，,")
            and not text[match.end() :].strip(" 的生人出年。，,吧啊属" + ZODIAC)
        )
        if free(match) and (alone or _is_birth(text, match, asked)):
            taken.append(match.span())
            yield _Said(Birth(int(digits(match["y"])), "year"), *match.span())
    for match in _SHORT_YEAR.finditer(text):
        if free(match) and _is_birth(text, match, asked):
            taken.append(match.span())
            yield _Said(Birth(_century(int(digits(match["y"])), today), "year"), *match.span())


def _is_birth(text: str, match: re.Match[str], asked: bool) -> bool:
    """A date of birth and no date of anything else."""
    before, after = text[: match.start()], text[match.end() :]
    if _BORN_BEFORE.search(before) or re.match(r"\s?(?:年)?(?:出生|生)(?!病|了)", after):
        return True
    if _EVENT_AFTER.match(after) or _DURATION_BEFORE.search(before):
        return False
    if re.search(
        r"(?:得病|发病|住院|出院|确诊|复诊|预约|入院|开始|病史|吃药|结婚|有效期|办的?|发的?证)[于在是：:了]*\s*$",
        before,
    ):
        return False
    if match.re is _YEAR and not asked:
        return bool(re.match(r"\s?(?:生|出生|的(?!时候|事|病|药|证|那)|属)", after))
    return bool(_BORN.match(after)) and (asked or "年" in match.group())


def _dated(match: re.Match[str], today: date) -> _Said:
    year = int(digits(match["y"]))
    if len(digits(match["y"])) == 2:
        year = _century(year, today)
    month, day = number(match["m"] or ""), number(match["d"] or "")
    try:
        if month and day:
            return _Said(Birth(year, "date", date(year, month, day)), *match.span())
    except ValueError:
        pass
    return _Said(Birth(year, "year"), *match.span())


def _century(short: int, today: date) -> int:
    """85 → 1985, 03 → 2003: the latest year that is not in the future."""
    return 2000 + short if 2000 + short <= today.year else 1900 + short


def _ages(text: str, today: date, problems: list[Problem]) -> Iterator[_Said]:
    vague = _VAGUE.search(text)
    if vague and not _EVENT_AFTER.match(text[vague.end() :]):
        problems.append(_problem("vague"))
    for match in _MONTHS.finditer(text):
        months = number(match["n"])
        if months is not None:
            yield _Said(_from_age(months // 12, today, nominal=False), *match.span())
    for match in _NOMINAL.finditer(text):
        age = number(match["n"] or match["n2"] or match["n3"])
        if age is not None:
            yield _Said(_from_age(age, today, nominal=True), *match.span())
    for match in _AGE.finditer(text):
        age = number(match["n"])
        before, after = text[: match.start("n")], text[match.end() :]
        if (
            age is None
            or match["many"]
            or (vague and vague.start() < match.end() and match.start() < vague.end())
        ):
            continue
        if _EVENT_AFTER.match(after) or re.search(
            r"(?:从|自|自从|打|到|等|不到|未满|满|小|大|差)\s?$", before
        ):
            continue
        if re.match(rf"[\s]*(?:到|至|-|~)\s*{NUMBER}岁", after) or re.search(
            r"(?:以上|以下)", after[:2]
        ):
            continue
        nominal = bool(match["nominal"] or match["kind"])
        yield _Said(_from_age(age, today, nominal=nominal), *match.span())
    for match in (*_THIS_YEAR.finditer(text), *_NOW.finditer(text)):
        age = number(match["n"])
        if (
            age is not None
            and age >= _TEENS
            and not match.groupdict().get("vague")
            and age <= 150
            and not (vague and vague.start() < match.end() and match.start() < vague.end())
        ):
            yield _Said(_from_age(age, today, nominal=False), *match.span())


def _from_age(age: int, today: date, *, nominal: bool) -> Birth:
    """By custom a child is one at birth and a year older each New Year (虚岁)."""
    year = today.year - age + (1 if nominal else 0)
    return Birth(year, "nominal_age" if nominal else "age", None, age)


_AFTER_KIN = re.compile(
    r"(?<![-0-9一二三四五六七八九十])(?P<n>[0-9]{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?)(?![0-9一二三四五六七八九十几多来出左上好挂后岁年月日号点级片粒次天个块元万%.:：])"
)


def _only_number(text: str) -> re.Match[str] | None:
    """The one number of an answer (属蛇的，37了), or the first after a relative (儿子三十四我五十九)."""
    found = list(_AFTER_KIN.finditer(text))
    if len(found) == 1:
        return found[0]
    relatives = [
        match for match in found if re.search(rf"{kin_pattern()}(?:今年)?$", text[: match.start()])
    ]
    return relatives[0] if len(relatives) == 1 else None


def _bare(match: re.Match[str], today: date) -> Iterator[_Said]:
    """34 is an age, 85 may be a year as well, 1985 and 03 are years."""
    written = match["n"]
    value = number(written)
    if value is None:
        return
    if len(digits(written)) == 4 and 1900 <= value <= 2100:
        yield _Said(Birth(value, "year"), *match.span())
    elif digits(written).startswith("0") and len(digits(written)) == 2:
        yield _Said(Birth(_century(value, today), "year"), *match.span())
    elif value <= 45 or "十" in written:
        yield _Said(_from_age(value, today, nominal=False), *match.span())
    elif value < 100:
        yield _Said(Birth(1900 + value, "year"), *match.span())
        yield _Said(_from_age(value, today, nominal=False), *match.span())
    elif value <= OLDEST:
        yield _Said(_from_age(value, today, nominal=False), *match.span())


# --- whose age ------------------------------------------------------------------------------------


@cache
def _person() -> re.Pattern[str]:
    kin = kin_pattern()
    return re.compile(
        rf"(?P<other>(?:他|她|患者|孩子|娃儿?)(?:的)?{kin}|我?爸妈|父母|老两口|我们俩|我们(?:两口子|夫妻))"
        rf"|(?P<patient>他|她|患者|病人|孩子|娃|小孩|(?:我|俺|阮|咱)?(?:的|家|们家)?(?:那个)?{kin})"
        r"|(?P<me>我自己|我本人|本人|我|俺)"
    )


def _of_nobody(text: str, one: _Said) -> bool:
    """An age in general: 七十岁了还能报吗, 十二岁的小孩收吗."""
    in_years = one.birth.basis in {"age", "nominal_age"}
    this_year = re.search(r"今年|现年|年龄|岁数", text[one.start : one.end])
    return in_years and not this_year and not _person().search(text, 0, one.start + 1)


def _of_the_patient(text: str, said: list[_Said], writer_is_patient: bool) -> list[_Said] | None:
    """Statements that are not about somebody else; None where only the writer's own age is told."""
    patients, own = [], []
    for one in said:
        who = None
        for match in _person().finditer(text, 0, one.start + 1):
            if match.end() <= one.start + 1:
                who = match.lastgroup
        if who == "me":
            own.append(one)
        elif who != "other":
            patients.append(one)
    if patients:
        return patients
    if own and writer_is_patient:
        return own
    return None if own else []


# --- signs of the zodiac ----------------------------------------------------------------------------


def _zodiac_of(text: str) -> str | None:
    match = _ZODIAC.search(text)
    return _ZODIAC_WORDS.get(match["z"], match["z"]) if match else None


def _fits(birth: Birth, sign: str) -> bool:
    """The sign changes at the Chinese New Year, and an age leaves a year open."""
    near = (birth.year - 1, birth.year, birth.year + 1)
    allowed = near if birth.basis in {"age", "nominal_age"} else near[:2]
    return any(ZODIAC[(year - 4) % 12] == sign for year in allowed)


def _by_zodiac(
    text: str, asked: bool, today: date, problems: list[Problem]
) -> tuple[Reading[Birth] | None, list[Problem]]:
    sign = _zodiac_of(text)
    if sign is None:
        found = _DECADE.search(text)
        if asked and found and not problems:
            problems.append(_problem("vague"))
        return None, problems
    years = [
        year for year in range(today.year, today.year - 100, -1) if ZODIAC[(year - 4) % 12] == sign
    ]
    low, high = _rough_ages(text)
    fitting = [year for year in years if low <= today.year - year <= high] or [
        year for year in years if low - 2 <= today.year - year <= high + 2
    ]
    births = tuple(Birth(year, "zodiac") for year in fitting or years)
    if len(births) == 1 and low <= today.year - births[0].year <= high:
        return Reading(births[0]), [p for p in problems if p.reason != "vague"]
    return Reading(None, births), [*problems, _problem("ambiguous")]


def _rough_ages(text: str) -> tuple[int, int]:
    """三十多 → 30 to 39, 快四十 → 36 to 40."""
    if match := re.search(rf"(?:快|将近|差不多)\s?(?P<n>{NUMBER})", text):
        age = number(match["n"]) or 0
        return age - 4, age
    if match := re.search(
        r"(?P<n>[0-9]{1,2}|[二三四五六七八九]?十)(?:多|来|几|出头|好几|大几)", text
    ):
        age = number(match["n"]) or 0
        return age, age + (4 if "出头" in match.group() else 9)
    return 0, OLDEST
