"""A telephone number to call back: mobile, landline with area code, spoken, spaced."""

from __future__ import annotations

import re

from bot.casework.answers.model import Field, Problem, Reading, Reason
from bot.privacy.masking.digits import LANDLINE, LONGEST, MOBILE, Run, is_identity_number, runs

_CUE = re.compile(r"电话|手机|号码|座机|固话|联系|打给|打我|拨")
_NONE = re.compile(
    r"(?:没有?|不用|没得|没带|不方便[留给]?|不想[留给]?|不留|不给|不能给)(?:电话|手机|号码|座机|联系方式|这个|留|给|你们?)*[\s。.!！了啊呀的]*$"
)
_OLD = re.compile(r"(?:旧|原来的?|以前的?|之前的?|老)(?:的)?(?:号码?|电话|手机号?)?[是：:\s]*$")
_STOPPED = re.compile(r"^[\s,，]*(?:停了|停机|不用了|作废|错了|写错|是错的|不对|换了|注销)")
_SHORTEST = 5
_MOBILE_LENGTH = 11


def read_telephone(text: str, *, asked: bool) -> tuple[Reading[str] | None, list[Problem]]:
    """The number to call. Two valid ones are asked back, one of a wrong length is refused."""
    found: list[str] = []
    wrong: list[str] = []
    for run in runs(text):
        valid, rest = _numbers(run)
        for number, start, end in valid:
            before, after = text[: run.starts[start]], text[run.ends[end - 1] :]
            if not (_OLD.search(before) or _STOPPED.match(after)):
                found.append(number)
        if not valid and rest and _like_a_telephone(text, run, rest, asked):
            wrong.append(rest)
    found = list(dict.fromkeys(found))
    if len(found) == 1:
        return Reading(found[0]), []
    if found:
        return Reading(None, tuple(found)), [Problem(Field.TELEPHONE, "several")]
    if wrong:
        return None, [Problem(Field.TELEPHONE, _reason(max(wrong, key=len)))]
    if asked and _NONE.search(text.strip()):
        return None, [Problem(Field.TELEPHONE, "declined")]
    return None, []


def _numbers(run: Run) -> tuple[list[tuple[str, int, int]], str]:
    """Valid numbers in a run, with indexes of their digits, and all digits if there are none."""
    if is_identity_number(run.digits):
        return [], ""
    bounds = [*run.group_starts, len(run.digits)]
    found: list[tuple[str, int, int]] = []
    first = 0
    while first < len(bounds) - 1:
        for last in range(min(len(bounds) - 1, first + LONGEST), first, -1):
            number = normalised(run.digits[bounds[first] : bounds[last]])
            if number:
                found.append((number, bounds[first], bounds[last]))
                first = last
                break
        else:
            first += 1
    return found, run.digits


def normalised(digits: str) -> str | None:
    """A valid number as it is kept: 13800000000 or 0592-5550000; None if it is not valid."""
    if match := MOBILE.fullmatch(digits):
        return match[1]
    if match := LANDLINE.fullmatch(digits):
        return f"{match[1]}-{match[2]}" + (f"-{match[3]}" if match[3] else "")
    return None


def _like_a_telephone(text: str, run: Run, digits: str, asked: bool) -> bool:
    """Meant as a number to call, though it is not one."""
    if not digits or len(digits) < _SHORTEST or "X" in digits:
        partial = re.search(r"开头|打头|结尾|尾号", text[run.ends[-1] :])
        return bool(asked and len(digits) >= 3 and (partial or _CUE.search(text)))
    before = text[: run.starts[0]]
    if re.match(r"(?:岁|年|元|块|片|粒|毫克|mg|号楼|栋)", text[run.ends[-1] :]):
        return False
    if asked:
        return True
    announced = bool(re.search(r"(?:电话|手机|号码|座机|联系方式)[号码是：:，,\s]*$", before))
    return announced and len(digits) >= 7


def _reason(digits: str) -> Reason:
    if len(digits) in {7, 8} and digits[0] not in "01":
        return "no_area_code"
    if len(digits) < _MOBILE_LENGTH:
        return "too_short"
    return "too_long" if len(digits) > _MOBILE_LENGTH else "not_a_number"
