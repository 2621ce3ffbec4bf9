"""How the console says things: times, names, states. Everything staff read is Chinese."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.casework.application_form import RELATIONS
from bot.casework.stages import STAGE_NAMES, TICKET_KIND_NAMES
from bot.clock import LOCAL

ROLE_NAMES = {
    "social_worker": "社工",
    "supervisor": "督导",
    "institution_staff": "机构人员",
    "administrator": "管理员",
    "auditor": "审计员",
}

SHOW_NAMES = {
    "unclaimed": "待认领",
    "mine": "我负责的",
    "open": "全部未办结",
    "urgent": "紧急",
    "overdue": "逾期",
}

EMPTY = {
    "unclaimed": "都有人接手了，没有等着的。",
    "mine": "您手上没有事，可以歇一歇，或者看看“待认领”。",
    "open": "全部办完了。",
    "urgent": "现在没有紧急的事。",
    "overdue": "没有逾期的，都赶上了。",
}

STEP_WORDS = {
    "submit": "{who}递交了申请",
    "claim": "{who}接手了这份申请",
    "return_for_correction": "{who}请家属补充",
    "resubmit": "{who}补充好了",
    "accept_for_assessment": "{who}通过了初审",
    "assess_needs": "{who}做完了需求评估",
    "register": "{who}在国家平台登记好了",
    "refer": "{who}转介到了机构",
    "recheck": "{who}再次审核了意愿和情况",
    "accept_referral": "{who}接收了转介",
    "decline_referral": "{who}退回了转介",
    "assess_together": "{who}记下了综合评估",
    "start_service": "{who}开始了服务",
    "assess_again": "{who}做了定期评估",
    "prepare_leaving": "{who}准备转出",
    "stay_on": "{who}决定先不转出",
    "close": "{who}结了案",
    "go_to_hospital": "{who}走绿色通道送医",
    "come_back": "{who}记下出院回来",
    "relocate": "{who}办了搬家转出",
    "end": "{who}提前结了案",
    "refuse": "{who}没有受理",
    "withdraw": "{who}撤回了申请",
    "reopen": "{who}重新办理",
    "object": "{who}对结果有异议",
    "no_guardian": "{who}核实了患者没有监护人",
}
"""One step of a case on its timeline."""

CONSENT_NAMES = {
    "rehabilitation_patient": "患者本人愿意",
    "rehabilitation_guardian": "监护人同意",
    "sensitive_data": "个人信息的使用",
}
CONSENT_STATES = {
    "given": "同意",
    "reported": "由家属转述，需当面确认",
    "refused": "不同意",
    "withdrawn": "已经收回",
}
CONSENT_WAYS = {
    "chat": "在微信里说的",
    "page": "在页面上签的",
    "paper": "在纸上签的",
    "in_person": "当面说的",
}

AUDIT_WORDS = {
    "figures.export": "下载了数字的表格",
    "care.add_patient": "登记了一位要提醒的人",
    "care.add_caregiver": "加了一位照护者",
    "care.remove_caregiver": "去掉了一位照护者",
    "care.remind": "换了接收提醒的人",
    "care.join_case": "把提醒和申请连在一起",
    "care.prefer": "改了提醒的习惯",
    "care.weekly_summary": "开关了每周小结",
    "care.stop": "停掉了全部提醒",
    "plan.set": "定了提醒",
    "plan.change": "改了提醒",
    "plan.cancel": "取消了提醒",
    "plan.pause": "暂停了提醒",
    "plan.resume": "恢复了提醒",
    "plan.end_on": "定了提醒的最后一天",
    "plan.stock": "记下了家里剩的量",
    "plan.forget_stock": "不再算剩下的量",
    "dose.check_in": "回报了一次",
    "dose.undo": "收回了一次回报",
    "dose.snooze": "推迟了一次提醒",
    "visit.set": "记下了一次约好的事",
    "visit.confirm": "确认会去",
    "visit.move": "改了约好的时间",
    "visit.cancel": "取消了约好的事",
    "visit.took_place": "记下了去没去",
    "notice.add_template": "登记了通知模板",
    "staff.away": "登记了请假",
    "staff.place": "改了账号所在的机构",
    "staff.back": "登记了销假",
    "canned.save": "改了常用语",
    "canned.remove": "删了常用语",
    "case.export": "导出了清单",
    "complaint.received": "交来了投诉",
    "complaint.read": "看了投诉",
    "complaint.kind": "改了投诉的类别",
    "complaint.accepted": "受理了投诉，或重新查",
    "complaint.not_accepted": "没有受理投诉",
    "complaint.note": "记下了投诉的调查",
    "complaint.extended": "延长了投诉的期限",
    "complaint.rectification": "要求机构整改",
    "complaint.rectified": "记下了机构的整改",
    "complaint.answered": "答复了投诉",
    "complaint.satisfied": "对答复满意",
    "complaint.reopened": "对答复不满意，要再查",
    "complaint.not_satisfied": "对答复仍不满意",
    "complaint.more": "补充了投诉",
    "complaint.ask_about_trouble": "问了投诉人有没有被为难",
    "complaint.no_retaliation": "说没有被为难",
    "complaint.retaliation": "说被为难了",
    "complaint.closed": "办结了投诉",
    "staff.sign_in": "登录",
    "staff.sign_out": "退出登录",
    "staff.add": "新建了账号",
    "staff.renew": "给账号换了密码或角色",
    "staff.deactivate": "停用了账号",
    "staff.activate": "重新启用了账号",
    "application.start": "开始填申请",
    "application.answer": "填了申请里的一项",
    "application.forget": "收回了申请里的一项",
    "application.submit": "递交了申请",
    "application.erase": "删掉了没交的申请",
    "consent.record": "记下了一次同意或不同意",
    "case.read": "查看了不是自己负责的申请",
    "case.claim": "接手了申请",
    "case.return_for_correction": "请家属补充申请",
    "case.resubmit": "补充了申请",
    "case.accept_for_assessment": "通过了初审",
    "case.withdraw": "撤回了申请",
    "case.assess_needs": "做完了需求评估",
    "case.register": "记下了国家平台登记",
    "case.refer": "转介到了机构",
    "case.recheck": "再次审核了意愿和情况",
    "case.accept_referral": "接收了转介",
    "case.decline_referral": "退回了转介",
    "case.assess_together": "记下了综合评估",
    "case.start_service": "开始了服务",
    "case.assess_again": "做了定期评估",
    "case.prepare_leaving": "准备转出",
    "case.stay_on": "决定先不转出",
    "case.close": "结了案",
    "case.go_to_hospital": "走绿色通道送医",
    "case.come_back": "记下了出院回来",
    "case.relocate": "办了搬家转出",
    "case.end": "提前结了案",
    "case.refuse": "没有受理申请",
    "case.reopen": "重新办理申请",
    "case.object": "对不予受理提出异议",
    "case.no_guardian": "核实了没有监护人",
    "case.assign": "分派了申请",
    "case.note": "写了内部备注",
    "document.prepare": "准备了要签的文件",
    "document.sign": "签了文件",
    "service.record": "记了一次服务",
    "service.confirm": "确认了一次服务",
    "service.dispute": "说服务记录不对",
    "binding.make": "绑定了一位家属或患者",
    "binding.end": "解开了绑定",
    "binding.code": "发了绑定码",
    "institution.save": "改了机构名录",
    "institution.import": "导入了机构名录",
    "institution.export": "导出了机构名录",
    "training.record": "登记了培训",
    "calendar.set": "改了工作日历",
    "team.hours": "改了办公时间",
    "ticket.open": "开了工单",
    "ticket.read": "查看了不是自己负责的工单",
    "ticket.claim": "接手了工单",
    "ticket.settle": "办结了工单",
    "ticket.release": "放回了工单",
    "ticket.first_read": "第一次打开了工单",
    "ticket.overdue": "工单过期了",
    "ticket.escalate": "没人看的工单转给了督导",
    "lead.answer": "记下了线索的结果",
    "lead.take": "报告了一条线索",
    "conversation.reply": "回复了家属",
    "conversation.hand_back": "把对话交还给自动程序",
    "conversation.take_back": "把没人再管的对话收回给自动程序",
    "contact.unsubscribe": "取消关注了公众号",
    "policy.upload": "上传了政策文件",
    "policy.drop": "丢掉了没发布的政策文件",
    "policy.import": "发布了政策文件",
    "policy.withdrawn": "把政策文件标成作废",
    "policy.superseded": "把政策文件标成已被新文件代替",
    "policy.in_force": "把政策文件恢复成有效",
    "policy.card_start": "开始写一张答案卡片",
    "policy.card_edit": "改了一张答案卡片",
    "policy.card_approve": "审过并发布了一张答案卡片",
    "policy.card_withdraw": "撤下了一张答案卡片",
    "policy.card_confirm": "核对了一张答案卡片",
}
OBJECT_NAMES = {
    "figures": "数字",
    "canned_reply": "常用语",
    "complaint": "投诉",
    "staff": "账号",
    "case": "申请",
    "application": "申请表",
    "ticket": "工单",
    "contact": "联系人",
    "lead": "线索",
    "policy_document": "政策文件",
    "policy_upload": "上传的文件",
    "policy_card": "答案卡片",
}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def masked_name(name: str | None) -> str:
    """A patient's name where others may look on: 王** (also of two characters)."""
    name = (name or "").strip()
    return f"{name[0]}**" if name else ""


def moment(at: datetime, now: datetime) -> str:
    """A time of day, with the day as far as it is needed: 今天 14:05, 11月3日 09:30."""
    there, here = at.astimezone(LOCAL), now.astimezone(LOCAL)
    days = (here.date() - there.date()).days
    if days in (0, 1, -1):
        day = {0: "今天", 1: "昨天", -1: "明天"}[days]
    else:
        year = "" if there.year == here.year else f"{there.year}年"
        day = f"{year}{there.month}月{there.day}日"
    return f"{day} {there:%H:%M}"


def full_moment(at: datetime) -> str:
    """The whole date and time, for those who want it exactly."""
    there = at.astimezone(LOCAL)
    return f"{there.year}年{there.month}月{there.day}日 {there:%H:%M}"


def span(length: timedelta) -> str:
    """A length of time in one unit, rounded down: 5 分钟, 3 小时, 2 天."""
    seconds = int(length.total_seconds())
    if seconds >= _DAY:
        return f"{seconds // _DAY} 天"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR} 小时"
    return f"{max(1, seconds // _MINUTE)} 分钟"


def waited(since: datetime, now: datetime) -> str:
    """How long something has been waiting."""
    length = now - since
    return "刚刚" if length < timedelta(minutes=1) else span(length)


def ago(since: datetime, now: datetime) -> str:
    """How long ago something was."""
    length = waited(since, now)
    return length if length == "刚刚" else f"{length}前"


def due(due_at: datetime | None, now: datetime) -> str:
    """How the due time stands: 还有 3 小时, 逾期 2 天; empty when there is none."""
    if due_at is None:
        return ""
    if due_at < now:
        return f"逾期 {span(now - due_at)}"
    return f"还有 {span(due_at - now)}"


def kind_name(kind: str, stage: str | None) -> str:
    """What a row of the queue is about."""
    if kind == "case":
        return STAGE_NAMES.get(stage or "", "申请")
    return TICKET_KIND_NAMES.get(kind, kind)


def actor(by: str, names: Mapping[str, str], *, family: str = "家属") -> str:
    """Who did something, from ``staff:ID``, ``contact:ID`` or ``system:NAME``."""
    if by.startswith("staff:"):
        return names.get(by, "同事")
    return family if by.startswith("contact:") else "系统"


def said_by(code: str) -> str:
    """Who gave a consent, as a relation to the patient or a role."""
    return "监护人" if code == "guardian" else RELATIONS.get(code, "")


def typed_text(typed: str) -> str:
    """What somebody typed into a form: one kind of line end, no control characters."""
    unified = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c for c in unified if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    ).strip()
