"""What the writer says was wrong: 电话写错了，是139…, 不是思明是湖里, 年龄不对."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.casework.answers.model import Field

_FIELDS: tuple[tuple[Field, str], ...] = (
    (Field.TELEPHONE, "电话号码?|手机号?码?|号码|联系方式|座机|电话"),
    (Field.GUARDIAN, "监护人(?:的)?(?:姓名|名字)"),
    (Field.PATIENT_NAME, "姓名|名字|(?<![签药村群路店])名"),
    (Field.BIRTH_YEAR, "年龄|岁数|年纪|出生年?[月份]*|生日|出生日期|年份|几岁|属相"),
    (Field.COUNTY, "地址|住址|地区|区县|县区|县|区|地方|住的地方|所在地|户籍|户口"),
    (Field.RELATION, "关系|身份"),
    (Field.SERVICE_FORMS, "服务形式|服务方式|服务|形式|方式"),
    (Field.HOSPITAL_ADVICE, "医院建议|医生建议|建议|医院那[项个]"),
    (Field.GUARDIAN, "监护人(?!电话|手机)"),
)
_ANY_FIELD = "|".join(f"(?P<f{i}>{words})" for i, (_, words) in enumerate(_FIELDS))
_WRONG = (
    "(?:我|刚才|刚刚|之前|前面|上面|那里|都)*(?:写|填|打|弄|说|输|报|搞|留|给|选|记|登记)?(?:错|反)(?:了|啦|的)?|(?:写|填|打|报)?(?:大|小|多|少|漏)了|不对|有误|不正确|不是这个|要(?:改|换|更正|修改)(?:一下|下)?|"
    "(?:改|换|更正|修改|更换)(?:一下|下|了|成|为)?|变了|停机了?|不用了|作废|有问题|漏了"
)
_FIELD_WRONG = re.compile(
    rf"(?:刚才|刚刚|之前|前面|上面)?(?:那个|填的|写的|的)?(?:{_ANY_FIELD})(?:那里|那项|那个|那栏|一栏|里的字|的字|(?:最后|中间|第.)(?:那|一)?个?字)?(?:是|好像|我|有点|这里|也|给)*(?:{_WRONG})[了的，,。:：\s]*"
)
_CHANGE_FIELD = re.compile(
    rf"(?:改|修改|更正|更换|换|重新填|重填|改改|变更)(?:一下|下|个)?(?:我的|他的|她的|患者|病人)?(?:的)?(?:{_ANY_FIELD})[，,。:：\s]*(?:是|为|成|改成)?"
)
_NOT_BUT = re.compile(
    r"(?<!是)不(?:是|叫|在|住|住在|姓|属)(?P<old>[^，,。；;！!？?\s是]{1,14}?)[，,。\s]*(?:而)?(?P<new>(?:应该|其实|实际|现在)?(?:是|叫|在|住|住在|姓|属)(?=[^不]))"
)
_WRONG_THEN = re.compile(
    r"^[\s]*(?:刚才|刚刚|前面|之前|上面)?(?:我)?(?:写|填|打|弄|说|输)?错了[，,。:：\s]*(?:应该)?(?:是|叫)?"
)
_OF_SOMETHING_ELSE = re.compile(r"(?:怎么|如何|咋|咋个|药的?|微信|qq|群|村|网|公众号|医院|机构)$")
_LEAD = re.compile(
    r"^[\s，,。:：]*(?:应该|其实|实际上?|正确的?|现在|新的)?(?:是|为|叫|改成|改为|换成)+[\s:：]*"
)


@dataclass(frozen=True, slots=True)
class Correction:
    """`text` is what remains to be read, without what was wrong; `fields` were named as wrong."""

    text: str
    fields: tuple[Field, ...]
    denied: str | None
    """What was put right without naming the field: 甲 of 不是甲是乙, "" for 写错了，是乙."""


def read_corrections(text: str) -> Correction:
    """Take the corrections out of a message."""
    fields: list[Field] = []
    for pattern in (_FIELD_WRONG, _CHANGE_FIELD):
        while (match := pattern.search(text)) and not _OF_SOMETHING_ELSE.search(
            text[: match.start()]
        ):
            fields.append(_field_of(match))
            before, after = text[: match.start()], text[match.end() :]
            text = before + ("，" if before.strip() else "") + _LEAD.sub("", after)
    denied: str | None = None
    while match := _NOT_BUT.search(text):
        denied = match["old"]
        text = text[: match.start()] + text[match.start("new") :]
        text = (
            re.sub(r"^(?:应该|其实|实际|现在)?是(?=[^我他她本患])", "", text)
            if match.start() == 0
            else text
        )
    if not fields and (match := _WRONG_THEN.match(text)) and match.end() < len(text):
        denied = ""
        text = text[match.end() :]
    return Correction(text, tuple(dict.fromkeys(fields)), denied)


def _field_of(match: re.Match[str]) -> Field:
    for index, (field, _) in enumerate(_FIELDS):
        if match[f"f{index}"]:
            return field
    raise AssertionError("one of the groups matched")
