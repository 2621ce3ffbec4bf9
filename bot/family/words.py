"""How the family pages say things: short and warm, as one would say it aloud."""

from __future__ import annotations

from datetime import date

from bot.casework import conditions, family_words
from bot.casework.assessments import OBJECTION_WITHIN
from bot.casework.course_models import ServicePeriod
from bot.casework.models import Case
from bot.clock import LOCAL

STEP_WORDS = {
    "submit": "申请交上来了",
    "claim": "社工开始看申请",
    "return_for_correction": "社工请您补充",
    "resubmit": "您补充好了",
    "accept_for_assessment": "初审通过了",
    "assess_needs": "需求评估做完了",
    "register": "国家平台登记好了",
    "refer": "转介给了机构",
    "recheck": "社工又问了一次你们的意思",
    "accept_referral": "机构接下了",
    "decline_referral": "机构没能接下，再找别家",
    "assess_together": "综合评估做完了",
    "start_service": "开始服务",
    "assess_again": "做了定期评估",
    "prepare_leaving": "商量好了下一步去哪里",
    "stay_on": "先不转出，接着服务",
    "go_to_hospital": "走绿色通道去医院",
    "come_back": "出院回来，接着服务",
    "relocate": "搬家，转到新地方",
    "close": "这次康复办结了",
    "end": "这次申请先结束了",
    "refuse": "这次没有受理",
    "object": "您提了异议",
    "withdraw": "申请撤回了",
    "reopen": "重新办起来了",
}
"""Steps that a family sees on the timeline; the office's own notes are not among them."""
SHOWN_NOTES = ("return_for_correction", "refuse", "object", "resubmit")
"""Steps whose words the family has written or was sent."""
_HERE = {
    "in_review": "社工正在审核，看过会联系您。",
    "returned": "社工请您补充一下，看下面写的话，在这里回复就行。",
    "in_service": "正在接受服务。每次服务以后请您在下面点一下，说说是不是真的做了。",
    "refused": "这次没有受理，原因在下面。不同意这个结果，可以在这里提异议，由督导再看。",
    "withdrawn": "已经按您的意思撤回了。想再申请，随时可以。",
}
"""Where the conversation's words point elsewhere."""


def what_next(case: Case) -> str:
    """Where the case stands and what comes next."""
    return _HERE.get(case.stage) or family_words.STAGE_WORDS[case.stage]


def when(case: Case, *, period: ServicePeriod | None) -> str | None:
    """By when the next thing is due, as far as it is known."""
    if case.stage in ("submitted", "in_review"):
        return "一般三个工作日内看完。周末和节假日会晚一点。"
    if case.stage == "assessed":
        return "登记一般要几个工作日。"
    if case.stage == "waiting" and (last := conditions.recheck_due_on(case)) is not None:
        return f"要是到{day(last)}还没等到，社工会再来问问您的意思。"
    if case.stage == "in_service" and period is not None:
        return f"下一次定期评估大约在{day(period.assessment_due_on)}。"
    if case.stage == "refused":
        last = (case.updated_at + OBJECTION_WITHIN).astimezone(LOCAL).date()
        return f"提异议到{day(last)}为止。"
    return None


def day(of: date) -> str:
    """A day as one says it; the year is clear from the page."""
    return f"{of.month}月{of.day}日"
