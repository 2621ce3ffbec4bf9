"""Stages of a case and of a ticket, and the steps between them: the one table.

The database holds the same pairs of stages (`case_step`); a test compares both. What else a step
needs is in `bot.casework.conditions`. Source of the way a case takes: 闽民事〔2023〕86号 三(二)5–7.
"""

from __future__ import annotations

from dataclasses import dataclass

CLOSED_STAGES = ("withdrawn", "refused", "closed")
"""Nothing more is to be done."""
AT_INSTITUTION = ("referred", "under_assessment", "signing", "in_service", "in_hospital", "leaving")
"""An institution keeps a place for the patient: exactly one referral is open."""
SERVED_STAGES = ("in_service", "in_hospital", "leaving")
"""Exactly one service period is open."""
OPEN_STAGES = (
    "submitted",
    "in_review",
    "returned",
    "accepted_for_assessment",
    "assessed",
    "waiting",
    *AT_INSTITUTION,
)
CASE_STAGES = (*OPEN_STAGES, *CLOSED_STAGES)
TICKET_KINDS = (
    "application",
    "lead",
    "crisis",
    "medication",
    "complaint",
    "ask_human",
    "question",
    "caregiver",
    "green_channel",
    "employment",
    "undelivered",
    "unanswered",
    "erasure",
    "objection",
    "recheck",
    "assessment",
    "training",
    "calendar",
)
TICKET_STATES = ("open", "claimed", "settled")
URGENCIES = ("urgent", "soon", "normal")
FAMILY, OFFICE, INSTITUTION = "family", "office", "institution"
"""Who takes a step: the family, the social worker in charge (or a supervisor), the staff of the
institution that the patient is referred to. What the institution does the office may note too."""


@dataclass(frozen=True)
class Step:
    """One allowed step: its name, where it starts, where it ends, who takes it."""

    name: str
    sources: tuple[str, ...]
    target: str | None
    """None: the stage stays as it is."""
    label: str
    """What the button says."""
    who: str = OFFICE

    def leads_from(self, stage: str) -> str:
        """The stage after the step was taken in ``stage``."""
        return self.target or stage


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("claim", ("submitted",), "in_review", "接手"),
        Step("accept_for_assessment", ("in_review",), "accepted_for_assessment", "通过初审"),
        Step("return_for_correction", ("in_review",), "returned", "请家属补充"),
        Step("resubmit", ("returned",), "in_review", "补充好了", FAMILY),
        Step("assess_needs", ("accepted_for_assessment",), "assessed", "记下需求评估"),
        Step("register", ("assessed",), "waiting", "记下平台登记"),
        Step("refer", ("waiting",), "referred", "转介到机构"),
        Step("recheck", ("waiting",), None, "再次审核意愿"),
        Step("accept_referral", ("referred",), "under_assessment", "接收", INSTITUTION),
        Step("assess_together", ("under_assessment",), "signing", "记下综合评估", INSTITUTION),
        Step("start_service", ("signing",), "in_service", "开始服务", INSTITUTION),
        Step("assess_again", ("in_service",), None, "记下定期评估", INSTITUTION),
        Step("prepare_leaving", ("in_service",), "leaving", "准备转出", INSTITUTION),
        Step("stay_on", ("leaving",), "in_service", "先不转出", INSTITUTION),
        Step("close", ("leaving",), "closed", "结案"),
        Step("go_to_hospital", ("in_service", "leaving"), "in_hospital", "走绿色通道", INSTITUTION),
        Step("come_back", ("in_hospital",), "in_service", "出院回来", INSTITUTION),
        Step(
            "decline_referral",
            ("referred", "under_assessment", "signing"),
            "waiting",
            "退回转介",
            INSTITUTION,
        ),
        Step("relocate", ("waiting", *AT_INSTITUTION), "waiting", "搬家转出"),
        Step(
            "end",
            ("accepted_for_assessment", "assessed", "waiting", *AT_INSTITUTION),
            "closed",
            "提前结案",
        ),
        Step("refuse", ("in_review", "accepted_for_assessment", "waiting"), "refused", "不予受理"),
        Step("withdraw", OPEN_STAGES, "withdrawn", "家属撤回", FAMILY),
        Step("reopen", CLOSED_STAGES, "in_review", "重新办理"),
    )
}
"""In the order in which the desk offers them: the first possible one is the next step."""

PAIRS = frozenset(
    (source, step.target)
    for step in STEPS.values()
    for source in step.sources
    if step.target is not None and step.target != source
)
"""(from, to) of every change of stage."""

STAGE_NAMES = {
    "submitted": "等待审核",
    "in_review": "审核中",
    "returned": "需要补充",
    "accepted_for_assessment": "等待需求评估",
    "assessed": "等待平台登记",
    "waiting": "等待转介",
    "referred": "等机构接收",
    "under_assessment": "等待综合评估",
    "signing": "等待签字",
    "in_service": "服务中",
    "in_hospital": "住院中",
    "leaving": "准备转出",
    "closed": "已结案",
    "refused": "不予受理",
    "withdrawn": "已撤回",
}
"""As staff and families read them."""

TICKET_KIND_NAMES = {
    "application": "康复申请",
    "lead": "需求线索",
    "crisis": "危机求助",
    "medication": "用药问题",
    "complaint": "投诉监督",
    "ask_human": "想找人工",
    "question": "政策问题",
    "caregiver": "照护者求助",
    "green_channel": "绿色通道",
    "employment": "就业需求",
    "undelivered": "消息送不到",
    "unanswered": "未能回复",
    "erasure": "删除信息",
    "objection": "对结果有异议",
    "recheck": "再次审核意愿",
    "assessment": "定期评估到期",
    "training": "培训快到期",
    "calendar": "工作日历缺一年",
}
URGENCY_NAMES = {"urgent": "紧急", "soon": "尽快", "normal": "一般"}
TICKET_STATE_NAMES = {"open": "待认领", "claimed": "处理中", "settled": "已办结"}

ONWARD = {
    "employment": "推荐就业",
    "sheltered_employment": "公益性庇护性就业",
    "other_service": "其他社区康复服务",
    "home": "回社区、回家居住",
}
"""Where a patient goes after rehabilitation. Source: 闽民事〔2023〕86号 三(二)7."""
ENDINGS = {
    "long_hospital_stay": "长期住院",
    "moved_away": "搬到没有衔接的地方",
    "unreachable": "一直联系不上",
    "died": "患者去世",
    "other": "其他原因",
}
"""Why a case ends without onward referral."""
OUTCOMES = {**ONWARD, **ENDINGS}
