"""What a family reads when its case moves on: what happened, what comes next, and when."""

from __future__ import annotations

from datetime import date

from bot.casework.course_models import DOCUMENT_KINDS, SIGNERS
from bot.casework.stages import ONWARD


def day(of: date) -> str:
    return f"{of.month}月{of.day}日"


def assessed(patient: str) -> str:
    return (
        f"{patient}的需求评估做完了。\n"
        "接下来：社工去国家平台登记，登好了就告诉您，一般几个工作日。现在还没有登记。"
    )


def registered(patient: str, on: date, recheck_by: date) -> str:
    return (
        f"{patient}在国家平台登记好了（{day(on)}）。\n"
        "接下来：等离家近的机构有空位，一有就告诉您。"
        f"要是等到{day(recheck_by)}还没等到，社工会再来问问您的意思和家里的情况。"
    )


def referred(institution: str, address: str, telephone: str) -> str:
    return (
        f"已经转介给离您近的机构：{institution}\n地址：{address}\n电话：{telephone}\n"
        "接下来：等机构回话，接下以后会约时间做综合评估。等着不用做什么。"
    )


def rechecked() -> str:
    return "社工记下了：您还愿意等，情况也更新了。有了空位马上告诉您，三个月内不用再问一遍。"


def accepted_by(institution: str) -> str:
    return (
        f"{institution}接下了。\n"
        "接下来：机构会和您约时间，请医生、护士、康复师和社工一起见见面，做一次综合评估，"
        "看看怎么康复合适。"
    )


def declined_by(institution: str) -> str:
    return (
        f"{institution}这次没能接下，不是您的原因。\n"
        "您还排在前面。社工接着找别的机构，找到就告诉您。"
    )


def assessed_together(institution: str) -> str:
    return (
        f"{institution}的综合评估做完了，康复意见社工会当面讲给您听。\n"
        "接下来：看知情同意书和服务协议，写着做什么、怎么做、要不要钱。"
        "不明白的地方先问清楚，再各自签字，谁也不能替谁签。"
    )


def to_sign(signers: tuple[str, ...]) -> str:
    listed = "、".join(SIGNERS[signer] for signer in signers)
    papers = "和".join(DOCUMENT_KINDS.values())
    return (
        f"{papers}准备好了，要签字的人：{listed}。\n"
        "请在“我的申请”里慢慢看，想清楚再签。不想在手机上签，可以当面在纸上签。"
    )


def signed_by(signer: str, kind: str, missing: int) -> str:
    rest = "都签好了，等机构开始服务。" if not missing else "还有人没签，签齐了就可以开始。"
    return f"{SIGNERS[signer]}签好了{DOCUMENT_KINDS[kind]}。{rest}"


def service_started(institution: str, assess_on: date) -> str:
    return (
        f"从今天起，{institution}开始服务了。\n"
        "每次服务以后，请在“我的申请”里点一下是不是真的做了。"
        f"大约{day(assess_on)}，机构会看看康复得怎么样。有哪里不满意，随时跟我说“投诉”。"
    )


def record_to_confirm(institution: str, on: date) -> str:
    return (
        f"{institution}记了{day(on)}的一次服务。真的做了吗？请在“我的申请”里点一下“做了”或“没有”。"
    )


def assessed_again(next_on: date, *, ready: bool) -> str:
    if ready:
        return (
            "定期评估做完了：恢复得不错，可以想想下一步去哪里了。社工和机构会来和您商量，"
            "没商量好之前，服务照旧。"
        )
    return f"定期评估做完了，服务照旧。下一次大约在{day(next_on)}。"


def leaving(to: str) -> str:
    return (
        f"商量好的下一步：{ONWARD[to]}。\n"
        "接下来：社工去联系，联系好了告诉您，再办结案。这期间服务照旧，改主意了随时说。"
    )


def stays() -> str:
    return "先不转出，服务照旧。"


def to_hospital(hospital: str) -> str:
    return (
        f"机构正在通过绿色通道联系{hospital}。床位由医院来定。\n"
        "人要是有危险，别等，马上打120或110。服务的位置给您留着。"
    )


def back() -> str:
    return "欢迎回来。服务接着做，有变化跟机构说。药按医生出院时交代的吃。"


def relocated(county: str) -> str:
    return (
        f"记下了：搬到{county}。材料跟着转过去，不用从头申请。\n"
        "接下来：社工在新家附近找机构，找到就告诉您。"
    )


def closed(to: str, details: str) -> str:
    return (
        f"这次康复办结了，下一步：{ONWARD[to]}。\n{details}\n"
        "一路走来不容易。以后情况有变化，回复“人工”，社工帮您重新办。"
    )


def condolences() -> str:
    return "得知这个消息，我们很难过。请您节哀，也照顾好自己。手续上的事都不用您操心了。"


def ended(reason: str) -> str:
    return f"这次申请先结束了：{reason}\n以后想再办，回复“人工”，社工帮您接着办，不用从头来。"


def refused(receipt_number: str, reason: str) -> str:
    return (
        f"对不起，申请（{receipt_number}）这次没有受理。\n原因：{reason}\n"
        "您不同意的话：60天内回复“我有异议”，说说您的理由，由督导（不是原来的社工）再看一遍，"
        "一般10个工作日内答复您。也可以打12345反映。情况变了，随时可以再申请。"
    )


def objection_taken() -> str:
    return "您的异议记下了，由督导再看一遍，不会是原来那位社工。一般10个工作日内在这里答复您。"


def reopened(receipt_number: str) -> str:
    return f"申请（{receipt_number}）重新办起来了，社工先再看一遍情况，会联系您。"


def agreed(role: str) -> str:
    return f"{SIGNERS[role]}的同意记下了。随时可以改主意。"


def bound(role: str) -> str:
    return f"绑好了，您是这份申请里的：{SIGNERS.get(role, '照护者')}。办到哪一步，这里都会告诉您。"


def recheck_coming(by_day: date) -> str:
    return (
        f"您等机构快三个月了，让您久等了。社工会在{day(by_day)}前联系您，"
        "再问问还愿不愿意、家里情况有没有变。您也可以直接在这里告诉我。"
    )
