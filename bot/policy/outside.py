"""Questions that no policy answers: medicine, diagnosis, talk. They are refused before any search."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.nlu.drugs import find_drugs
from bot.policy.question import Question


@dataclass(frozen=True, slots=True)
class Outside:
    """Why a question is no policy question, and what to say instead."""

    medical: bool
    reply: str


_MEDICINE = Outside(
    True,
    "用药和病情的事，我不能替医生拿主意，请问开药的医生或者药师，药先不要自己加、减、停。"
    "人要是很不对劲，马上去医院或者打120。",
)
_DIAGNOSIS = Outside(
    True, "是不是病、是什么病，要由精神科医生当面看过才知道，我不能判断。请带去精神科门诊看看。"
)
_CHAT = Outside(False, "我在的。您可以问我补贴、残疾证、社区康复、住院出院这些规定，我照着文件答。")

# Words that make a sentence about a medicine one about a rule: who pays, where it is handed out.
_RULE = re.compile(
    r"报销|医保|免费|补贴|补助|目录|慢特病|门特|慢病|特病|领药|发药|救助|政策|规定|买药.{0,4}(钱|贵)|集采|多少钱|训练|督促|指导|"
    r"义务|责任|监护|社区|谁来|哪里领|(别的|其他|其它)的?病"
)
_USING = re.compile(
    r"副作用|不良反应|忌口|停药|减药|加药|减量|加量|漏服|忘吃|忘了吃|补吃|多吃|少吃|剂量|药量|一次几|一天几|吃几|换药|血药|"
    r"能不能停|要不要停|可不可以停|一起吃|同时吃|冲突|发胖|长胖|流口水|手抖|犯困|嗜睡|嘴.{0,2}歪|脖子.{0,2}歪|坐不住|便秘|疼不疼|"
    r"吃什么药|用什么药|什么药(好|管用|不)|哪种药|药.{0,6}(饭里|菜里|水里|汤里)|偷偷.{0,6}药|开点(药|安定)|开.{0,2}安定|打针疼|"
    r"伤(肝|肾|胃|脑|身)|[这那][个种]药.{0,4}(会不会|能不能|管用|有用|好不好|有毒|起效|见效)|能喝酒|喝酒|喝茶|怀孕.{0,6}药|吃药.{0,8}(怀孕|生孩子|要孩子)|会不会上瘾|上瘾"
)
_ILLNESS = re.compile(
    r"根治|治得好|治好吗|能治好|会不会遗传|遗传吗|怎么治|怎么治疗|吃什么(好|补)|失眠怎么|睡不着怎么|偏方|寿命|活多久|"
    r"(是不是|算不算|像不像|会不会是|是)(得了)?(精神分裂|精分|抑郁|躁郁|双相|双向|焦虑症|精神病|神经病|强迫症)[^人的院]{0,3}$|"
    r"是不是(又|快)?要?(犯病|发病|复发)|(怎么|为什么)(老是|总是|会)?(不理|幻听|幻觉|发呆|自言自语|笑|哭)"
)
_TALK = re.compile(
    r"^(哈|呵|嘿|嘻|呜)+$|^(谢谢|多谢|感谢|好的|嗯|哦|知道了|在吗|在不在|你好|您好|早上好|晚安|拜拜|再见)[你您啊呀哦了吧的呢!！。~]*$|"
    r"你是(谁|真人|机器人|人工|ai)|你叫(什么|啥)|你(今年)?(几岁|多大)|讲个?(笑话|故事)|写(一)?首|唱(一)?首|陪我聊"
)


def outside_of(question: Question) -> Outside | None:
    """What a question is, if it is none about rules."""
    text = question.plain
    if _TALK.search(text):
        return _CHAT
    if _RULE.search(text):
        return None
    if _USING.search(text) or any(drug.generic for drug in find_drugs(text)):
        return _MEDICINE
    if _ILLNESS.search(text):
        return _DIAGNOSIS
    return None
