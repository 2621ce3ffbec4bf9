"""The one next step of a case or ticket, as the page puts it before whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.casework.models import Case, Ticket
from bot.casework.stages import CLOSED_STAGES
from bot.console.case_course import Offer
from bot.console.sessions import SignedIn

_CLOSED = {
    "withdrawn": ("家属撤回了申请", "不用再做什么。家属改主意了，可以在下面重新办理。"),
    "refused": ("没有受理", "家属六十天内可以提异议，由督导再看。"),
    "closed": ("已经结案", "不用再做什么。情况有变化，可以在下面重新办理。"),
}

CaseAction = Literal["claim", "accept", "return"]
TicketAction = Literal["claim", "settle"]


@dataclass(frozen=True)
class NextStep:
    """A sentence that says what is to be done, why, and the buttons for it."""

    title: str
    sentence: str
    actions: tuple[CaseAction | TicketAction, ...] = ()


def of_case(
    case: Case, staff: SignedIn, *, owner: str | None, first: Offer | None = None
) -> NextStep:
    """What comes next for a case; ``owner`` is the name of who is in charge.

    ``first`` is the step after the review that is theirs to take.
    """
    if case.stage == "submitted":
        return NextStep(
            "还没有人接手",
            "接手后，家属会马上收到一条微信，知道是您在看。",
            ("claim",),
        )
    if case.stage in CLOSED_STAGES:
        return NextStep(*_CLOSED[case.stage])
    if case.assigned_to is None:
        return NextStep("现在没有人负责", "原来的同事不在。在下面“谁来负责”里接过来，再往下办。")
    mine = case.assigned_to == staff.staff_id
    if not mine and staff.role != "supervisor":
        return NextStep(f"由{owner or '另一位同事'}负责", "您可以看、写备注；审核由负责的人来做。")
    whose = "" if mine else f"（{owner or '另一位同事'}负责，您以督导的身份操作）"
    if case.stage == "in_review":
        guardian = "监护人还没有表示同意，记得联系。" if case.awaits_guardian else ""
        return NextStep(
            "看完申请，定下来" + whose,
            f"{guardian}家属会马上收到结果。",
            ("accept", "return"),
        )
    if case.stage == "returned":
        return NextStep(
            "等家属补充" + whose, "家属在微信里回复后，这里会变回“审核中”。急的话打个电话。"
        )
    if first is None:
        return NextStep("现在等别人" + whose, "这一步不在您手上。")
    return NextStep(first.action.title + whose, first.action.sentence)


def of_ticket(ticket: Ticket, staff: SignedIn, *, owner: str | None) -> NextStep:
    """What comes next for a ticket."""
    if ticket.state == "settled":
        return NextStep("已经办结", f"由{owner or '同事'}办结，不用再做什么。")
    if ticket.state == "open":
        if ticket.kind == "crisis":
            return NextStep(
                "可能有危险，先打电话",
                "接手后马上联系家属。人有危险：120、110；心里难受想说话：12356。",
                ("claim",),
            )
        return NextStep("还没有人接手", "接手后，同事就知道是您在办。", ("claim",))
    if ticket.owner_id == staff.staff_id:
        return NextStep("您在办这件事", "和家属说好了、事情办完了，就点办结。", ("settle",))
    return NextStep(f"由{owner or '另一位同事'}在办", "您可以看；办结由接手的人来做。")
