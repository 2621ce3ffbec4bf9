"""What a family reads about its case: short, warm, what happened and what comes next."""

from __future__ import annotations


def submitted(receipt_number: str, patient_name: str, *, awaits_guardian: bool) -> str:
    guardian = (
        "\n还差一步：监护人的同意。请让监护人也来和我说一声，或者等社工打电话时当面说。"
        if awaits_guardian
        else ""
    )
    return (
        f"收到了，{patient_name}的申请已经交给社工。\n"
        f"回执编号：{receipt_number}（记不住也没关系，随时问我“到哪一步了”）{guardian}\n"
        "接下来：社工先看申请，看过会联系您；再约时间做一次需求评估。"
        "到那时才会去国家平台登记，现在还没有登记。"
    )


def claimed(social_worker: str) -> str:
    return (
        f"您的申请有人接手了：{social_worker}社工正在看。"
        "有要补充的，直接在这里说就行。"
    )


def returned(receipt_number: str, what: str) -> str:
    return (
        f"您的申请（{receipt_number}）还需要补充一下：\n{what}\n"
        "直接在这里回复我，我马上转给社工。"
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
    "withdrawn": "已经按您的意思撤回了。想再申请，回复“我要申请”就行。",
}
