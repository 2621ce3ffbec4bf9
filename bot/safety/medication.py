"""Questions about medicine that have one safe answer. Never a dose, never "stop", never "double".

Rules: docs/safety.md. Whatever is said here sends people to the doctor or pharmacist; an
emergency goes to hospital now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.safety.screening import screen

Kind = Literal[
    "side_effect",
    "missed_dose",
    "self_reduction",
    "self_stop",
    "self_increase",
    "hide_in_food",
    "no_prescription",
    "interaction",
    "pregnancy",
    "alcohol",
    "deceased",
    "refusing_medicine",
]
Severity = Literal["mild", "urgent", "emergency"]


@dataclass(frozen=True)
class MedicationConcern:
    """What about medicine a sentence raises, and how pressing it is."""

    kind: Kind
    severity: Severity = "mild"


_MEDICINE = r"(?:药|针|片|粒|颗|氮平|培酮|硫平|锂|丙戊|哌唑|西汀|舍曲林|西泮|唑仑)"
_BY_DOCTOR = re.compile(
    r"(?:医生|大夫|主任|门诊|医院)[^。！？]{0,8}(?:让|叫|说|给|开|改|调|加|减|停|要)"
)
_PATTERNS: tuple[tuple[Kind, Severity, re.Pattern[str]], ...] = (
    (
        "deceased",
        "mild",
        re.compile(
            r"(?:人|他|她|我[爸妈哥弟姐妹儿女]|孩子|老伴|爱人)(?:都|已经)?(?:没了|走了|不在了|去世|过世|离世)"
            r"[^。？]{0,12}(?:提醒|通知|别发|不要发|不用发|别再|取消|停)"
            r"|(?:去世|过世|离世|病逝)了?|人都没了|(?:已经|都)不在人世"
        ),
    ),
    (
        "hide_in_food",
        "mild",
        re.compile(
            r"(?:偷偷|悄悄|瞒着|背着|不让他?知道)[^。？]{0,10}(?:药|喂|拌|放|掺|加)"
            r"|(?:药|它)[^。？]{0,8}(?:拌|掺|混|放|碾|磨|下)[^。？]{0,4}(?:饭|粥|菜|汤|水|奶|牛奶|饮料)"
        ),
    ),
    (
        "no_prescription",
        "mild",
        re.compile(
            r"(?:没有?|不用|不要|不开)处方|(?:网上|淘宝|拼多多|药店|私下|找人)[^。？]{0,8}(?:买|代购|弄)[^。？]{0,8}"
            + _MEDICINE
        ),
    ),
    (
        "self_reduction",
        "mild",
        re.compile(
            r"(?:减|少吃|砍|降)(?:成|到|掉|个|一|半|点|量|些|两)?[^。？]{0,4}(?:半|片|粒|量|点|药|颗)"
            r"|(?:改成?|变成)(?:吃)?半|吃半(?:片|粒|颗)(?:算了|吧|行|就)"
        ),
    ),
    (
        "self_stop",
        "mild",
        re.compile(
            r"(?:把|想|能不能|可以|可不可以|要不要|偷偷|自己)[^。？]{0,6}(?:停药|停了|断药|不吃了)"
            r"|(?:停药|断药|不吃药)(?:行不|行吗|可以|会怎|好不|了)|"
            + _MEDICINE
            + r"[^。？]{0,6}(?:停了|停掉)(?:吧|行|可以|算)?"
        ),
    ),
    (
        "self_increase",
        "mild",
        re.compile(
            r"(?:多吃|加)(?:一|半|两|1|2)?(?:片|粒|颗|点|量)[^。？]{0,6}(?:行|可以|好不|吧|能)|翻倍吃"
        ),
    ),
    (
        "missed_dose",
        "mild",
        re.compile(
            r"(?:忘|漏|落)(?:记|了)?(?:吃|服|打)?[^。？]{0,8}(?:补|咋办|怎么办|要紧|办|一起吃|两次|两片|一顿|一次|药|针)"
            r"|(?:没吃|没打)[^。？]{0,8}(?:补|要紧|怎么办|咋办)|(?:补吃|补服|补上|补一)"
        ),
    ),
    (
        "pregnancy",
        "mild",
        re.compile(
            r"(?:怀孕|怀上|备孕|孕|哺乳|喂奶)[^。？]{0,14}(?:药|吃|停)|"
            + _MEDICINE
            + r"[^。？]{0,14}(?:怀孕|备孕|要孩子|喂奶|哺乳)"
        ),
    ),
    (
        "alcohol",
        "mild",
        re.compile(
            r"(?:喝酒|啤酒|白酒|喝[了点]?酒|酒)[^。？]{0,10}(?:药|吃)|"
            + _MEDICINE
            + r"[^。？]{0,10}(?:喝酒|啤酒|白酒|酒)"
        ),
    ),
    (
        "interaction",
        "mild",
        re.compile(
            _MEDICINE
            + r"?[^。？]{0,10}(?:和|跟|与|同)[^。？]{0,10}(?:一起吃|同时吃|一块吃|一块儿吃|能一起|冲突|相克|犯冲)"
        ),
    ),
    (
        "refusing_medicine",
        "urgent",
        re.compile(
            r"(?:不肯|不愿|不想|死活不|拒绝|坚决不|打死不|就是不)[^。？]{0,4}(?:吃药|打针|服药|吃这|吃那)"
            r"|(?:把|将)?药(?:都)?(?:扔|吐|藏|倒)(?:了|掉|在|到|出来)"
        ),
    ),
)
_CONDOLENCES = (
    "听到这个消息，很难过。请您节哀，也多顾着自己。",
    "这边不会再提醒了，也不会再打扰。后面要办的事，社工会帮您，什么时候想说都行。",
)
_CONDOLENCES_ONLY = (
    "听到这个消息，很难过。请您节哀，也多顾着自己。",
    "我已经告诉社工，把该停的都停下来。后面要办的事，社工会帮您。",
)
_REPLIES: dict[Kind, tuple[str, ...]] = {
    "missed_dose": (
        "漏了的，先别自己补，更不要一次吃双份。请打电话问开药的医生，或者药店的药师，照他们说的做。",
    ),
    "self_reduction": (
        "药量我不能帮您改，也请先别自己减。减急了，病容易反复。"
        "难受的地方告诉医生，让医生来调；我已经请社工帮您联系。",
    ),
    "self_stop": (
        "请先别自己停药，停急了病容易反复。想停、想换，都要医生来定。我已经请社工帮您联系医生。",
    ),
    "self_increase": ("请别自己加药，加多了会出事。不见好，就早点去看医生。我已经告诉社工。",),
    "hide_in_food": (
        "您也是急得没办法。可是瞒着他喂药，我不能教：有危险，他知道了也更不肯信人。"
        "请和医生商量别的办法，比如换剂型、打长效针。我已经请社工来帮您想办法。",
    ),
    "no_prescription": (
        "这类药要医生开处方，私下买的真假、剂量都没谱，请别吃。"
        "配药不方便的话，社工可以帮您问就近开药和送药的办法。",
    ),
    "interaction": (
        "这两样能不能一起吃，我不能替医生说。请把两种药都拿给医生或药师看一眼，问清楚之前先别一起吃。",
    ),
    "pregnancy": ("怀孕、备孕、喂奶时的药，一定要马上问医生，自己先别停也别加。我已经告诉社工。",),
    "alcohol": (
        "吃着这类药请不要喝酒，一起容易出危险。喝多了叫不醒、喘气不匀，马上打120；其他的请问医生或药师。",
    ),
    "refusing_medicine": (
        "他不肯吃，您先别硬喂、别吵。记一下几天没吃、有没有睡不着、说怪话，尽快告诉医生。"
        "我已经请社工来帮您；要是闹起来有危险，打110或120。",
    ),
    "side_effect": (
        "难受的地方记下来：什么时候开始、多厉害。药先别自己减、别停，今天就打电话问开药的医生。"
        "我已经告诉社工。要是发高烧、浑身僵硬、起水泡、喘不上气、脖子眼睛歪到一边，马上去医院。",
    ),
}


def check(text: str) -> MedicationConcern | None:
    """What about medicine has a fixed answer in these words; None when nothing has.

    A doctor's change is no wish to change by oneself.
    """
    found = screen(text)
    if found.level == "imminent" and found.kind in ("med_emergency", "overdose"):
        return MedicationConcern("side_effect", "emergency")
    by_doctor = _BY_DOCTOR.search(text) is not None
    for kind, severity, pattern in _PATTERNS:
        if by_doctor and kind in ("self_reduction", "self_stop", "self_increase"):
            continue
        if pattern.search(text):
            return MedicationConcern(kind, severity)
    return None


def medication_reply(
    concern: MedicationConcern, *, reminders_stopped: bool = False
) -> tuple[str, ...]:
    """The fixed answer. ``reminders_stopped``: the caller has stopped them, so it may be said."""
    if concern.kind == "deceased":
        return _CONDOLENCES if reminders_stopped else _CONDOLENCES_ONLY
    if concern.severity == "emergency":
        return ("请现在就去医院急诊，或者打120。带上他在吃的所有药。",)
    return _REPLIES[concern.kind]
