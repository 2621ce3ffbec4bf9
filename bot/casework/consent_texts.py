"""The consent texts that families see in chat, by version.

A text that was shown never changes: a new wording gets a new version, and the ledger keeps
which one was agreed to. Sources: 闽民事〔2023〕86号 三(二)6 (patient and guardian both agree);
个人信息保护法 13–17, 28–31 (notice, sensitive data, children under 14).
"""

from __future__ import annotations

VERSION = "2026-11"

SENSITIVE_DATA = (
    "填之前先说清楚：下面会问到患者的姓名、年龄、住哪个县、医生的建议和电话，这些是敏感信息。"
    "只用来办这次申请，只给负责的社工看，加密保存。不想说的可以不说，随时回复“删除我的信息”就会删掉。"
)
SENSITIVE_DATA_ASK = "您同意的话，就接着回答；不同意就回复“不同意”。"

GUARDIAN = (
    "请您作为监护人定一下：\n"
    "同意{patient}自愿参加社区康复，由社工来做需求评估。参加不参加、什么时候退出，都由你们自己决定，"
    "不影响看病、拿药和补贴。\n"
    "您同意吗？"
)
GUARDIAN_OF_CHILD = (
    "{patient}不满14岁，要由监护人来定：\n"
    "同意为孩子申请社区康复，由社工来做需求评估，并同意我们为此保存孩子的信息。随时可以退出，"
    "信息随时可以删除。\n"
    "您同意吗？"
)
PATIENT_SELF = (
    "再请您自己定一下：\n"
    "您愿意参加社区康复、让社工来做需求评估吗？参加不参加、什么时候退出，都由您自己决定，"
    "不影响看病、拿药和补贴。"
)
PATIENT_BY_OTHERS = (
    "还要听听{patient}自己的意思：他（她）本人愿意参加吗？\n"
    "社工之后会当面再问一次，没有本人点头，不会安排服务。"
)
