"""Stages of a case and of a ticket, and the steps between them: the one table."""

from __future__ import annotations

from dataclasses import dataclass

CASE_STAGES = ("submitted", "in_review", "returned", "accepted_for_assessment", "withdrawn")
OPEN_STAGES = ("submitted", "in_review", "returned")
CLOSED_STAGES = ("withdrawn",)
"""Nothing more is to be done."""
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
)
TICKET_STATES = ("open", "claimed", "settled")
URGENCIES = ("urgent", "soon", "normal")


@dataclass(frozen=True)
class Step:
    """One allowed step: its name, where it starts, where it ends."""

    name: str
    sources: tuple[str, ...]
    target: str


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("claim", ("submitted",), "in_review"),
        Step("return_for_correction", ("in_review",), "returned"),
        Step("resubmit", ("returned",), "in_review"),
        Step("accept_for_assessment", ("in_review",), "accepted_for_assessment"),
        Step("withdraw", ("submitted", "in_review", "returned"), "withdrawn"),
    )
}

STAGE_NAMES = {
    "submitted": "等待审核",
    "in_review": "审核中",
    "returned": "需要补充",
    "accepted_for_assessment": "等待需求评估",
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
}
URGENCY_NAMES = {"urgent": "紧急", "soon": "尽快", "normal": "一般"}
TICKET_STATE_NAMES = {"open": "待认领", "claimed": "处理中", "settled": "已办结"}
