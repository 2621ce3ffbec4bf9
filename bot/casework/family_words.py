"""What a family reads about its case: short, warm, what happened and what comes next."""

from __future__ import annotations


def submitted(receipt_number: str, patient_name: str, *, awaits_guardian: bool, own: bool) -> str:
    whose = "您" if own else patient_name
    guardian = ""
    if awaits_guardian:
        guardian = (
            "\n您要是有监护人，社工会再听听他（她）的意思。"
            if own
            else "\n还差监护人的同意：请监护人在社工联系时说一声，或者也来这里和我说。"
        )
    return (
        f"收到了，{whose}的申请已经交给社工。\n"
        f"回执编号：{receipt_number}\n"
        f"记不住也没关系，随时问我“到哪一步了”。{guardian}\n"
        "接下来：社工先看申请，看过会联系您；再约时间做一次需求评估。"
        "到那时才会去国家平台登记，现在还没有登记。"
    )


def claimed(social_worker: str) -> str:
    return f"您的申请有人接手了：{social_worker}社工正在看。有要补充的，直接在这里说就行。"


def returned(receipt_number: str, what: str) -> str:
    return (
        f"您的申请（{receipt_number}）还需要补充一下：\n{what}\n直接在这里回复我，我马上转给社工。"
    )


def accepted(receipt_number: str) -> str:
    return (
        f"好消息：申请（{receipt_number}）的初审通过了。\n"
        "接下来：社工会和您约时间，做一次需求评估，聊聊平时的情况和想要的帮助。"
        "评估完再登记、找离家近的机构。"
    )


STAGE_WORDS = {
    "submitted": "已经交给社工，正在排队等审核。社工看过就会联系您。",
    "in_review": "社工正在审核。有什么要补充的，直接在这里说。",
    "returned": "需要您补充材料或改正一处，请看上面社工写的话，直接在这里回复。",
    "accepted_for_assessment": "初审通过了，等社工约时间做需求评估。还没有在国家平台登记。",
    "assessed": "需求评估做完了，社工正在去国家平台登记，登好了告诉您。",
    "waiting": "已经登记，正在等离家近的机构有空位。等满三个月，社工会再来问问您的意思。",
    "referred": "已经转介给机构，等机构回话。一有消息就告诉您。",
    "under_assessment": "机构接下了，接下来约时间，请医生、护士、康复师和社工一起做综合评估。",
    "signing": "综合评估做完了，现在要签知情同意书和服务协议。看不懂的地方，签之前尽管问。",
    "in_service": "正在接受服务。每次服务以后请您点一下，说说是不是真的做了。",
    "in_hospital": "在医院治疗。机构给留着位置，出院了告诉社工就行。",
    "leaving": "正在准备下一步去哪里，定下来就告诉您。",
    "closed": "这次康复办结了。以后再有需要，回复“人工”，社工帮您重新办。",
    "refused": "这次没有受理，原因上面写了。不同意这个结果，回复“我有异议”。",
    "withdrawn": "已经按您的意思撤回了。想再申请，回复“我要申请”就行。",
}


def withdrawn(receipt_number: str) -> str:
    return f"好的，申请（{receipt_number}）已经撤回，不会再往下办。以后想办，随时回复“我要申请”。"
