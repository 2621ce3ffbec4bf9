"""Message templates the emulated account owns from the start.

Their wording is discreet on purpose: a notice on a locked screen names neither illness nor drug.
"""

from __future__ import annotations

from bot.emulator.model import Template, TemplateField

PROGRESS_TEMPLATE_ID = "EMULATED-template-service-progress-00000001"
REMINDER_TEMPLATE_ID = "EMULATED-subscribe-long-term-reminder-00001"
VISIT_TEMPLATE_ID = "EMULATED-subscribe-one-time-appointment-001"


def _fields(**labels: str) -> list[TemplateField]:
    return [TemplateField(key, label) for key, label in labels.items()]


DEFAULT_TEMPLATES = (
    Template(
        PROGRESS_TEMPLATE_ID,
        "办理进度通知",
        "template",
        _fields(thing1="办理事项", phrase2="当前进度", time3="更新时间", thing4="下一步"),
    ),
    Template(
        REMINDER_TEMPLATE_ID,
        "日常提醒",
        "always",
        _fields(thing1="提醒事项", time2="时间", thing3="温馨提示"),
    ),
    Template(
        VISIT_TEMPLATE_ID,
        "预约提醒",
        "once",
        _fields(thing1="预约事项", time2="预约时间", thing3="地点"),
    ),
)
