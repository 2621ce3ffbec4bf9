"""What is said in a crisis: first one short message that can be acted on, then few sentences.

Rules: docs/safety.md. Numbers: 120 medical, 110 police, 12356 psychological aid (not round the
clock everywhere, so no hours are promised). Nothing here promises secrecy, help by a certain
time, or an outcome; nothing says anything about medicine doses or about vomiting.
"""

from __future__ import annotations

from bot.safety.screening import Screening


_FIRST = {
    "suicide": "请马上打110；人受伤了或者吃了、喝了什么，打120。别让他一个人待着。",
    "self_harm": "流血止不住、伤得深，马上打120。先用干净的布按住伤口，别离开人。",
    "violence": "请马上打110。您先离开，离远一点，把门关上。",
    "overdose": "请马上打120，告诉他们吃了什么药、多少、几点吃的。",
    "med_emergency": "请马上打120，或者现在就去最近的医院急诊。",
    "missing": "请马上打110报警，走失不用等24小时。",
    "homicide_suicide": "请马上打110。您和家里其他人先离开，到安全的地方去。",
    "abuse": "有人正在挨打、被锁着、受了伤，马上打110；受伤打120。",
    "relapse": "人有危险、拦不住，马上打110或120。",
    "caregiver": "您现在安全吗？有伤害自己的念头，马上打110或120；想有人听您说，打12356。",
}
_FIRST_RISK = {
    "suicide": "谢谢您说出来。现在就有危险的话，马上打110或120；想有人说说话，打12356。",
    "self_harm": "谢谢您说出来。伤得重打120；心里难受想有人说说话，打12356。",
    "violence": "您先顾好自己的安全。他要动手或者拿了东西，马上离开，打110。",
    "overdose": "要是已经吃下去了，马上打120。",
    "med_emergency": "请尽快去医院看，别等；越来越重就打120。",
    "missing": "找不到人，马上打110报警，走失不用等24小时。",
    "homicide_suicide": "这很要紧。请现在就离开，和可靠的人在一起，打110。",
}
_THEN = {
    "suicide": (
        "守在身边，别留他一个人。把药、刀、绳子、农药收起来，窗户关好。",
        "可以直接问他是不是想死，问了不会害他。先听他说，别怪他、别争对错。",
    ),
    "self_harm": (
        "陪在身边，把刀片、剪刀这类东西收起来。",
        "先别骂、别问为什么。等人稳一点，尽快去看精神科医生。",
    ),
    "violence": (
        "别抢他手里的东西，别争、别吼。老人孩子先走。",
        "等警察来了，告诉他们这是病人、平时吃什么药。",
    ),
    "overdose": (
        "等车的时候：药盒、药瓶留好，带去医院。",
        "叫不醒的人不要喂水、喂吃的，让他侧躺，看着他喘气。能答话的也别离开人。",
    ),
    "med_emergency": (
        "带上他在吃的所有药去，告诉医生吃了多久、什么时候开始不对的。",
        "吃不吃、停不停药，让急诊医生定，自己先不要改。",
    ),
    "missing": (
        "报警时说清楚：什么时候不见的、穿什么衣服、有什么病、近照发给警察。",
        "留一个人在家等，手机别占线；再问问他常去的地方。",
    ),
    "homicide_suicide": (
        "别一个人劝。把药、刀、煤气、农药这些东西收好或者离远。",
        "等警察来了，把他说过的话原样告诉警察。",
    ),
    "abuse": (
        "先让人离开那里，和信得过的人在一起。能拍的伤、能记的时间地点留一下。",
        "这事不会转给被说到的人或机构处理。",
    ),
    "relapse": (
        "这几天身边别离人，把药、刀收好，少跟他争。尽快联系他的医生。",
        "药照医生开的吃，先别自己加减停。",
    ),
    "caregiver": (
        "这么久一个人扛着，谁都会撑不住，不是您不好。",
        "今晚先找一个人来陪陪您、替一替您，哪怕两个小时。",
    ),
}
_STAFF_ON_DUTY = "我已经急告值班的社工，会尽快联系您。"
_STAFF_OFF_DUTY = "我已经给社工留了急件，但现在不一定有人值班，请先打上面的电话，别只等我们。"
_PROGRAM = "我是程序，不能替您打电话。"
_HISTORY = (
    "您提到以前的那件事，我记下来告诉社工了，不影响办事。"
    "也想轻轻问一句：他（您）现在还有那样的念头或举动吗？有的话随时告诉我，急了打110或120。"
)


def crisis_reply(screening: Screening, *, duty: bool, text: str = "") -> tuple[str, ...]:
    """The messages to send, in order. ``duty``: a member of staff is known to be on duty.

    ``text`` is what was written; it decides whether "他" or "您" fits.
    """
    kind = screening.kind if screening.kind in _THEN else "suicide"
    if screening.level == "history":
        return (_HISTORY,)
    first = _FIRST[kind]
    if screening.level == "risk":
        first = _FIRST_RISK.get(kind, first)
    then = "\n".join(_THEN[kind])
    if _speaks_of_oneself(text) and kind in ("suicide", "self_harm"):
        first = _to_oneself(screening.level, kind)
        then = (
            "先到有人的地方去，或者请一个人来陪您。把药和刀放到别人那里。\n"
            "不用把话说得好听，想说什么都可以说。撑过眼前这一阵，再一起想办法。"
        )
    staff = _STAFF_ON_DUTY if duty else f"{_PROGRAM}{_STAFF_OFF_DUTY}"
    return (first, f"{then}\n{staff}")


def _to_oneself(level: str, kind: str) -> str:
    if level == "imminent":
        return (
            "请您先停一停，马上打120或110，或者叫身边的人过来。"
            if kind == "suicide"
            else "请先用干净的布按住伤口，马上打120，或者叫身边的人过来。"
        )
    return "谢谢您告诉我，一定很难受。想有人听您说，打12356；怕自己做傻事，马上打110或120。"


def _speaks_of_oneself(text: str) -> bool:
    """The writer speaks of "我" and of nobody else."""
    others = (
        "他",
        "她",
        "儿",
        "女",
        "弟",
        "妹",
        "哥",
        "姐",
        "爸",
        "妈",
        "老公",
        "老婆",
        "孩子",
        "娃",
    )
    return not any(word in text for word in others)
