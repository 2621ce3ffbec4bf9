"""What staff do to a case, as the desk offers it: the form of each action and the call behind it.

One table for steps (`bot.casework.stages.STEPS`) and for what changes no stage. The names of the
steps are theirs; the call's conditions and refusals are casework's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.casework import consents, leaving, referrals, service, signing
from bot.casework.application_form import SERVICE_FORMS
from bot.casework.course_models import FIVE_ITEMS, PROFESSIONS
from bot.casework.errors import Refused
from bot.casework.stages import ENDINGS, ONWARD
from bot.console import case_calls as calls

Kind = Literal["text", "long", "date", "number", "choice", "many", "tick", "institution", "hidden"]
_FORMS = {key: name for key, name in SERVICE_FORMS.items() if key != "any"}


@dataclass(frozen=True)
class Field:
    """One field of an action's form."""

    name: str
    label: str
    kind: Kind = "long"
    choices: Mapping[str, str] | None = None
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Action:
    """How the desk asks for one action and what it calls."""

    title: str
    sentence: str
    run: Callable[[calls.Doing], str | None]
    """May return what only the doer is to see: a binding code."""
    fields: tuple[Field, ...] = ()
    button: str = "记下"
    serious: bool = False
    """Hard to undo: asked for apart from the others."""


_REASON = Field("reason", "理由")
_CLOSED_ON = Field("closed_on", "国家平台上登记结案的日期", "date")

ACTIONS: dict[str, Action] = {
    "assess_needs": Action(
        "约时间做需求评估",
        "当面聊聊平时的情况和想要的帮助，再把结论记在这里。现在还没有在国家平台登记。",
        calls.assess_needs,
        (
            Field("reasons", "评估结论和理由"),
            Field("service_forms", "适合的服务形式", "many", _FORMS, optional=True),
        ),
        "签下需求评估",
    ),
    "register": Action(
        "到国家平台登记",
        "国家转介信息平台没有接口：请在那边登记好，再把编号抄到这里。",
        calls.register,
        (
            Field("number", "平台登记编号", "text"),
            Field("registered_on", "登记日期", "date"),
        ),
        "登记好了",
    ),
    "refer": Action(
        "转介到离家近的机构",
        "下面按县区、空位和家属的愿望排好了，由您来定。",
        calls.refer,
        (Field("institution_id", "机构", "institution"),),
        "转介过去",
    ),
    "recheck": Action(
        "再问一次意愿和情况",
        "等了快三个月或更久：打个电话，问问还愿不愿意、情况变了没有。",
        calls.recheck,
        (Field("situation", "现在的意愿和情况"),),
        "问过了，还愿意等",
    ),
    "accept_referral": Action(
        "机构接收",
        "机构答应接收后点一下，家属会收到消息。",
        calls.plain(referrals.accept_referral),
        button="接收",
    ),
    "assess_together": Action(
        "做综合评估",
        "精神科医生、护士、康复师和社工一起见面评估，写下康复意见。",
        calls.assess_together,
        (
            *(Field(key, f"{name}（姓名）", "text") for key, name in PROFESSIONS.items()),
            Field("opinion", "康复意见"),
        ),
        "记下综合评估",
    ),
    "prepare_documents": Action(
        "准备知情同意书和服务协议",
        "写清楚做什么、怎么做、收不收费；准备好后，每个人在自己的手机上签。",
        calls.prepare_documents,
        tuple(
            Field(key, name, "text", hint="免费也要写“免费”" if key == "fee" else "")
            for key, name in signing.TERMS.items()
        ),
        "准备好了，请各位签字",
    ),
    "paper_signature": Action(
        "记下纸上的签字",
        "拿到纸上的签字才记；谁也不能替谁签。",
        calls.paper_signature,
    ),
    "start_service": Action(
        "开始服务",
        "两份文件签齐了，就可以开始。",
        calls.plain(service.start_service),
        button="开始服务",
    ),
    "record_service": Action(
        "记一次服务",
        "记下以后，家属会在手机上点“做了”或“没有”。",
        calls.record_service,
        (
            Field("provided_on", "哪一天", "date"),
            Field("minutes", "多少分钟", "number"),
            Field("form", "服务形式", "choice", _FORMS),
            Field("content", "做了什么"),
        ),
    ),
    "assess_again": Action(
        "做定期评估",
        "五项都看一看，再定能不能往外转。",
        calls.assess_again,
        (
            *(Field(key, name, "text") for key, name in FIVE_ITEMS.items()),
            Field("ready_to_leave", "可以准备转出吗", "choice", {"no": "还要继续", "yes": "可以"}),
        ),
        "记下定期评估",
    ),
    "prepare_leaving": Action(
        "准备转出",
        "和家属商量好下一步去哪里，联系好那一头。不承诺工作。",
        calls.prepare_leaving,
        (
            Field("onward_to", "下一步", "choice", ONWARD),
            Field("details", "和谁联系、怎么安排（家属会看到）"),
        ),
        "准备转出",
    ),
    "stay_on": Action(
        "先不转出", "情况有变，继续在机构服务。", calls.plain(leaving.stay_on), button="先不转出"
    ),
    "close": Action(
        "结案",
        "先在国家平台登记结案，再把日期填在这里。",
        calls.close,
        (_CLOSED_ON,),
        "结案",
    ),
    "go_to_hospital": Action(
        "病情复发，走绿色通道",
        "人有危险，先打 120 或 110。床位由医院定，不要替医院答应。",
        calls.go_to_hospital,
        (Field("signs", "看到了什么情况"), Field("hospital", "联系哪家医院", "text")),
        "走绿色通道",
        serious=True,
    ),
    "come_back": Action(
        "出院回来",
        "出院了，服务接着做。",
        calls.plain(service.come_back),
        button="回来了，接着服务",
    ),
    "decline_referral": Action(
        "退回转介",
        "机构接不了，退回等待，社工另找。",
        calls.decline,
        (Field("reason", "为什么退回"),),
        "退回",
        serious=True,
    ),
    "relocate": Action(
        "搬家转出",
        "家属搬到别的县区：这里的服务结束，到新地方排队。",
        calls.relocate,
        (
            Field("to_county", "新家在哪个县（区、市）", "text"),
            Field("agreed", "家属同意把材料转给新地方的机构", "tick"),
        ),
        "转到新地方",
        serious=True,
    ),
    "end": Action(
        "提前结案",
        "没有后转介就结束。登记过国家平台的，先在那边结案。",
        calls.end,
        (
            Field("outcome", "原因", "choice", ENDINGS),
            Field("reason", "具体情况"),
            Field("closed_on", _CLOSED_ON.label, "date", optional=True),
        ),
        "提前结案",
        serious=True,
    ),
    "refuse": Action(
        "不予受理",
        "理由会原样发给家属，还会告诉他们怎么提异议。",
        calls.refuse,
        (Field("reason", "理由（家属会看到）"),),
        "不予受理",
        serious=True,
    ),
    "reopen": Action(
        "重新办理",
        "回到审核。撤回过的同意要重新给。",
        calls.reopen,
        (_REASON,),
        "重新办理",
        serious=True,
    ),
    "take_down": Action(
        "记下本人或监护人的意思",
        "当面问过，或者拿到书面的，才记在这里。",
        calls.take_down,
        (
            Field("role", "谁的意思", "choice", {"patient": "患者本人", "guardian": "监护人"}),
            Field("agrees", "愿意吗", "choice", {"yes": "同意", "no": "不同意"}),
            Field("way", "怎么表示的", "choice", consents.HEARD),
        ),
    ),
    "no_guardian": Action(
        "成年患者没有监护人",
        "核实过确实没有监护人、由本人自己决定，才记。",
        calls.no_guardian,
        (Field("reason", "怎么核实的"),),
    ),
    "make_code": Action(
        "发一个绑定码",
        "当面给他（她）本人：用自己的微信打开，三天内有效，只能用一次。",
        calls.make_code,
        (Field("role", "给谁", "choice", calls.ROLES_BY_CODE),),
        "发绑定码",
    ),
    "verify": Action("核对身份", "", calls.verify),
    "unbind": Action("解开绑定", "", calls.unbind),
}
"""By name: steps under their own, the rest beside them."""

AT_INSTITUTION = frozenset(
    {
        "accept_referral",
        "decline_referral",
        "assess_together",
        "prepare_documents",
        "paper_signature",
        "start_service",
        "record_service",
        "assess_again",
        "prepare_leaving",
        "stay_on",
        "go_to_hospital",
        "come_back",
    }
)
"""What an institution's own staff do."""


def carry_out(name: str, do: calls.Doing) -> str | None:
    """Do it; raises `Refused` or `Conflict`, and `Refused` for a name that is none."""
    action = ACTIONS.get(name)
    if action is None:
        raise Refused("没有这一步。")
    return action.run(do)


def form_key() -> str:
    """A mark of one shown form: sent twice, what it makes exists once."""
    return secrets.token_hex(8)
