"""What the application form says besides its questions: short, warm, and what to do next."""

from __future__ import annotations

OPENING = "好的，我来帮您填申请，大概十个问题。累了随时停，下次接着填。\n"
OFFER_PERSON = "这一题不好答也没关系。回复“人工”，我请社工来问您。"
OFFER_SKIP = "回复“跳过”，先空着也行。"
ANOTHER_IS_UNDER_WAY = (
    "{name}的申请（{number}）已经在办了。这一份是给另一位家人办的；不是的话，回复“不申请了”。"
)
ALREADY_UNDER_WAY = (
    "{name}的申请已经在办了，编号{number}，不用再填。这一份我先停下。\n"
    "想知道办到哪了，回复“到哪一步了”。要是同名的另一位家人，回复“继续”。"
)
GO_ON = "您好，您来了。上次填到“{label}”，继续吗？"
KEPT = "没填完的申请给您留着，想接着填回复“继续”。"
PAUSED = "好的，先停在这里。填好的给您留着，想接着填就回复“继续”。"
DROPPED = "好的，申请不办了，刚才填的都删掉了。以后想办，回复“我要申请”。"
REFUSED_DATA = "好的，那就不记了，刚才说的我已经删掉。想先了解一下，可以回复“人工”找社工聊。"
GUARDIAN_REFUSED = "明白，您再想想，不着急。填好的给您留着；想好了回复“继续”，想问社工回复“人工”。"
PATIENT_REFUSED = (
    "明白了。参加全凭自愿，没有本人点头不会安排服务。"
    "申请还是可以交给社工，由社工来和他（她）聊聊，不勉强。"
)
CHILD_NEEDS_GUARDIAN = (
    "孩子不满14岁，要请监护人（一般是爸爸妈妈）亲自来和我申请。"
    "填好的给您留着；不方便的话回复“人工”，社工来帮忙。"
)
WELCOME_BACK = "上次填到“{label}”，我们接着来。"
STILL_TO_CONFIRM = (
    "申请就差一步了：上面记的都对，回复“确认”；哪里不对，直接说。想再看一遍，回复“继续”。"
)
THIRD_PARTY_ASK = (
    "谢谢您惦记着。别人不能替他申请，但您可以告诉社工一声，社工会先去问本人和家里人愿不愿意。\n"
    "请用一两句话说：在哪个县（区）哪个村或社区，大概是什么情况。不用写名字和身份证号。"
)
WHAT_IS_WRONG = "好的，哪里不对？直接说，比如“电话错了，是139……”“不是思明区，是湖里区”。"
NOT_OPTIONAL = "这一项社工办事要用到，不能空着。不方便说的话，回复“人工”。"
PROBLEMS = {
    "declined": NOT_OPTIONAL,
    "withheld": NOT_OPTIONAL,
    "which_relative": "是哪一位亲人要申请呢？",
    "which_side": "我没分清是谁照顾谁。",
    "nickname": "这像是小名，麻烦写身份证上的名字。",
    "whose_name": "我没分清哪个是患者的名字。",
    "several": "您说了不止一个，我不知道用哪个。",
    "implausible": "这个年份好像不太对。",
    "in_future": "这一年还没到呢。",
    "vague": "能说得再准一点吗？",
    "whose_age": "我没分清这是谁的年龄。",
    "zodiac_mismatch": "属相和年份对不上。",
    "identity_number_mistyped": "身份证号好像打错了一位；不用身份证号，说年龄就行。",
    "only_province": "省知道了，还要知道是哪个县或区。",
    "only_city": "市知道了，还要知道是哪个县或区。",
    "not_found": "这个地方我没找到。",
    "too_short": "号码少了几位。",
    "too_long": "号码多了几位。",
    "no_area_code": "座机请带上区号。",
    "not_a_number": "这里面没有看到电话号码。",
}
"""What is said about an answer that could not be taken, by reason."""
LEAD_TAKEN = (
    "记下了，编号{number}，已经交给社工。社工会先问过本人和家里人；"
    "为了保护他们，后面的情况不能告诉您，请您体谅。"
)
