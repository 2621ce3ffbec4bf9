"""Kinds and states of complaints, and what the complainant is told at each step."""

from __future__ import annotations

from datetime import datetime

from bot.clock import LOCAL

KINDS = {
    "confinement": "关人、绑人、打人",
    "safety": "不安全、出了事",
    "fees": "收费不合规",
    "false_records": "服务记录造假",
    "attitude": "态度不好",
    "refusal": "推着不给服务",
    "unlicensed": "没有资格还在做",
    "privacy": "把家里的事说出去",
    "social_worker": "对社工有意见",
    "bot": "对小康（自动程序）有意见",
    "other": "别的事",
}
"""Kinds, the gravest first: a text that names several is of the first."""
URGENT_KINDS = ("confinement", "safety")

SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "confinement",
        ("打人", "打他", "打她", "打我", "挨打", "绑", "捆", "关起来", "关在", "锁在", "锁门", "锁着",
         "不让出", "不让走", "虐待", "扇", "踢", "饿着", "不给饭", "电棍", "约束"),
    ),
    ("safety", ("摔", "受伤", "伤了", "骨折", "走丢", "走失", "丢了人", "噎", "烫", "吃错药", "发错药")),
    ("false_records", ("造假", "假的", "假签", "代签", "替签", "没来过", "没服务", "补签", "编的", "作假")),
    ("privacy", ("说出去", "泄露", "泄漏", "隐私", "照片", "宣传栏", "到处说", "传出去", "公开了")),
    ("unlicensed", ("没有证", "没证", "无证", "没执照", "没有资质", "没资质", "黑机构", "资格证")),
    ("social_worker", ("社工",)),
    ("bot", ("小康", "机器人", "公众号", "自动回复", "这个程序")),
    ("refusal", ("不收", "不接收", "不给服务", "不上门", "推来推去", "踢皮球", "没人管", "不给办", "不理",
                 "没人接", "拖着", "不来")),
    ("fees", ("收费", "收钱", "要钱", "多收", "乱收", "押金", "发票", "红包", "送礼", "两条烟", "克扣", "扣钱",
              "贵", "补贴")),
    ("attitude", ("态度", "骂", "凶", "吼", "瞧不起", "看不起", "歧视", "疯子", "神经病", "白眼", "不耐烦")),
)  # fmt: skip
"""Everyday words by kind. Whoever handles it may put it right."""

MANNERS = {
    "named": "写名字",
    "confidential": "保密",
    "anonymous": "匿名",
}
STATES = {
    "received": "收到了，等督导看",
    "accepted": "受理了，正在查",
    "not_accepted": "没有受理",
    "answered": "查完了，已答复",
    "closed": "办结了",
}
ENTRY_KINDS = {
    "received": "收到投诉",
    "kind": "改了类别",
    "accepted": "受理",
    "not_accepted": "不受理",
    "note": "调查记录",
    "extended": "延长期限",
    "rectification": "要求整改",
    "rectified": "整改情况",
    "answered": "答复",
    "satisfied": "投诉人满意",
    "reopened": "投诉人不满意，重新查",
    "not_satisfied": "投诉人仍不满意",
    "more": "投诉人补充",
    "no_retaliation": "投诉人说没有被为难",
    "retaliation": "投诉人说被为难了",
    "closed": "办结",
}
TOLD = ("received", "accepted", "not_accepted", "extended", "answered", "reopened", "closed")
"""Entries that the complainant sees when asking how far it is; of these, staff's words too."""

SATISFIED = "满意"
NOT_SATISFIED = "不满意，请再查一次"
SATISFIED_QUESTION = "这样处理，您满意吗？不满意的话，可以把哪里不对一起写上。"
NO_TROUBLE = "没有，都还好"
TROUBLE = "有，他们为难我们了"
ELSEWHERE = "还可以打12345，或者找当地民政局、卫健委；他们不归我们管，会另外查。"


def accepted(number: str, settle_by: datetime) -> str:
    return f"投诉{number}受理了，督导正在查，{day(settle_by)}前答复您。"


def not_accepted(number: str, reason: str) -> str:
    return f"投诉{number}没有受理：{reason}\n您不认同的话，{ELSEWHERE}"


def extended(number: str, until: datetime, reason: str) -> str:
    return f"投诉{number}要多查一阵，最晚{day(until)}答复您。原因：{reason}"


def answered(number: str, answer: str) -> str:
    return f"投诉{number}查完了：{answer}\n{SATISFIED_QUESTION}"


def ask_about_trouble(number: str) -> str:
    return f"上次的投诉（{number}）之后，有没有人为难您家里人？说了只有督导知道。"


def day(moment: datetime) -> str:
    """A day as it is said: 12月9日."""
    local = moment.astimezone(LOCAL)
    return f"{local.month}月{local.day}日"
