"""The patient's name, never a phrase or a question taken for one."""

from __future__ import annotations

import re

from bot.casework.answers.model import Field, Problem, Reading, Reason
from bot.places.surnames import COMMON, COMPOUND, RARE
from bot.privacy.masking.answers import asked_spans
from bot.privacy.masking.names import find_names

_WITHHELD = re.compile(r"某|[xXｘＸ*＊×〇○√_＿]|[?？]")
_OF_WRITER = re.compile(
    r"(?:^|[，,。\s])(?:我|俺|本人)(?:的)?(?:是|叫|名叫|姓名|名字|名字是|名字叫|姓)*[:：\s]*$"
)
_OF_OTHER = re.compile(
    r"(?:医生|大夫|护士长?|社工|主任|院长|书记|村长|老师|监护人|联系人|申请人|家属|代理人)(?:姓名|名字|是|叫)*[:：\s]*$|"
    r"(?:我|他|她)(?:爸爸?|妈妈?|老公|老婆|丈夫|妻子|爱人)(?:叫|是|名字)*[:：\s]*$"
)
_IN_TWO_PARTS = re.compile(
    r"姓(?P<surname>[㐀-鿿]{1,2})[,，\s]*(?:单?名字?叫?|名叫)(?P<given>[㐀-鿿]{1,2})(?![㐀-鿿])"
)
"""姓林名测试"""
_NICKNAME = re.compile(r"^(?:[小阿老大].[儿子]?|(.)\1|.{1,2}[儿娃妹仔蛋])$")


def read_patient_name(
    text: str, *, asked: bool, writer_is_patient: bool = False, patient_is_parent: bool = False
) -> tuple[Reading[str] | None, list[Problem]]:
    """The name of the patient; the writer's own name counts only if the writer is the patient.

    Without being asked only a name that is announced (叫, 姓名：) or heads a form is read.
    """
    if match := _IN_TWO_PARTS.search(text):
        return Reading(match["surname"] + match["given"]), []
    names: list[str] = []
    own: list[str] = []
    for span in find_names(text):
        if (
            span.ground == "heuristic"
            or (span.ground == "beside" and not _patient_cue(text, span.start))
        ) and not (span.ground == "beside" and asked):
            continue
        before = text[: span.start]
        name = _clean(text[span.start : span.end])
        if _OF_WRITER.search(before):
            own.append(name)
        elif not (_OF_OTHER.search(before) and not patient_is_parent):
            names.append(name)
    if asked and not names and not own:
        for _, start, end in asked_spans(text, "name", ()):
            names.append(_clean(text[start:end]))
    names = [name for name in dict.fromkeys(names) if name]
    if not names and own:
        if writer_is_patient:
            names = own
        elif asked:
            return Reading(None, tuple(dict.fromkeys(own))), [_problem("whose_name")]
    if not names:
        return None, []
    if len(names) > 1:
        formal = [name for name in names if not _NICKNAME.match(name)]
        if len(formal) != 1:
            return Reading(None, tuple(names)), [_problem("several")]
        names = formal
    name = names[0]
    if _WITHHELD.search(name):
        return Reading(name), [_problem("withheld")]
    if _NICKNAME.match(name) and not (_has_surname(name) and name[0] != name[1]):
        return Reading(None, (name,)), [_problem("nickname")]
    return Reading(name), []


def _problem(reason: Reason) -> Problem:
    return Problem(Field.PATIENT_NAME, reason)


def _patient_cue(text: str, start: int) -> bool:
    return bool(
        re.search(r"(?:患者|病人|服务对象|给|替|帮|是)(?:姓名|是|叫|名字)*[:：\s]*$", text[:start])
    ) or bool(
        re.search(
            r"(?:儿子|女儿|闺女|老公|老婆|丈夫|妻子|爱人|[哥姐弟妹爸妈]{1,2}|孩子|孙子|孙女|父亲|母亲|侄子|外甥)(?:就?是|叫)?\s*$",
            text[:start],
        )
    )


def _clean(name: str) -> str:
    """Without the blanks of 王 测 试; those of Zhang Wei and the dot of a long name stay."""
    return re.sub(r"(?<=[㐀-鿿])[ \u3000]+(?=[㐀-鿿])", "", name).strip()


def _has_surname(name: str) -> bool:
    return name.startswith(COMPOUND) or (name[:1] in (COMMON | RARE) and name[:1] not in "小阿老大")
