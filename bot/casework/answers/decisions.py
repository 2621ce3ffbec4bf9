"""Yes, no and not yet: consent, confirmation, and the commands that steer the application."""

from __future__ import annotations

import re

from bot.casework.answers.model import Command, Consent, Decision
from bot.casework.answers.questions import is_question
from bot.places.words import is_made_of, words_pattern

# --- one statement --------------------------------------------------------------------------------

_CONDITION = re.compile(
    r"如果|要是|假如|的话|前提|除非|只要|得看|看情况|看看再|要看|先.{1,10}(?:再|才)|(?:免费|不要钱|不花钱|不收费|不用钱|没人知道|保密|不告诉).{0,4}(?:就|才|我|再|可以|同意|行)|"
    r"不(?:收钱|要钱|花钱|公开|外传).{0,3}(?:就|才)|等.{1,10}(?:再|才)同意|要(?:花钱|钱|收费|交钱|给钱).{0,3}(?:就|我)?不|才同意|才行|就行了?$|部分|只同意"
)
_NOT_YET = re.compile(
    r"再(?:想想|想一下|说|看看|考虑|商量|等等|等一等|议|问问|合计|琢磨|跟|和|问)|考虑(?:一下|下|考虑|看看)?|想想|想一想|想一下|商量|合计|不(?:太|大|怎么)(?:想|愿意|同意|放心)|不是很想|"
    r"有点(?:怕|担心|犹豫|顾虑)|犹豫|拿不定|没想好|没底|还没(?:想好|决定|定)|等(?:等|一等|我|一下|几天|过|他|她|孩子|家里)|先(?:等|放|不|缓)|算了|暂时不|改天|过[一两几些]天|"
    r"回头|下次|问问(?:家|他|她|我|老|孩子)|跟家里|不敢|担心|顾虑|做不了主|不急|以后再|缓一缓|琢磨|掂量|不好说|说不准|莫慌|等哈|歇歇再|我先看|(?:先|得|要|再)问|还没(?:同意|答应|点头)|看一?下再|心里不踏实"
)
_DECIDED = re.compile(
    r"不用(?:再)?(?:考虑|商量|想|问)|考虑好了|商量好了|想好了|商量过了|考虑过了|问过了"
)
_NO = re.compile(
    r"不是(?:很|太)?(?:同意|愿意|想)|不(?:同意|愿意|愿|行|可以|接受|答应|肯|准|许|参加|要|干|想|授权|得行|中|成|好|同|办了|弄了|申请了|需要|用|去|签|乐意|赞成)|拒绝|反对|没门|休想|坚决不|免了|别了|"
    r"要不得|使不得|^(?:no|不|不不+|不是|否|勿|莫|甭|唔好|唔得|冇得|冇同意|别|没有)[了的啊呀吧!！。\s]*$|没同意|没答应|未同意|撤回|取消同意|莫得|没得兴趣|没兴趣"
)
_TWISTED = re.compile(
    r"不是不|不(?:是)?不同意|没有不同意|不得不|不能不|并非不|也不是不|不反对|没说不|不敢不|不好意思|可以(?:不同意|不签|不填|拒绝|取消|退)|同意书|"
    r"同意(?:了会|之后|以后|后|就是|是指|的是)|能不"
)
"""Says neither yes nor no in plain words."""

_YES_WORDS = (
    "同意 愿意 可以 没问题 没意见 没有意见 没有问题 没得问题 冇问题 没什么意见 没什么问题 没啥意见 没啥问题 要得 使得 中 好 好的 行 嗯 恩 对 是 是的 接受 答应 授权 允许 "
    "okay ok yes y 👌 👍 成 得行 要的 必须的 当然 肯定 支持 赞成 可 妥 着 会使 系 得 管 确认 1 1. 1、 听你们的 照办 办吧 签吧 乐意 巴不得 求之不得 就这样 参加 好哇 点头"
)
_YES_WORD = words_pattern(_YES_WORDS)
_YES_CLAUSE = words_pattern(
    _YES_WORDS,
    "我替他 我替她 我代他 我代她 我这边 我们全家 我们家 我自己 我家 我们 我 俺们 俺 咱们 咱 本人 全家 家里人 家里 大家 监护人 也 都 那就 那 就 完全 很 非常 十分 一百个",
    "绝对 还是 倒是 现在 已经 自己 说 她 他 看 觉得 这样 全 先 的 了 啊 呀 哦 吧 嘞 呢 嘛 哈 滴 哒 勒 哟 咯 啦 哇 呐 喔 吔 ~ ～ ! ！ 。 . …",
    "申请 办理 办 做 去 签字 签 报名 安排 提交 服务 社区 康复 这个 谢谢 让他 让她 你们",
)
_PLAIN_YES = re.compile(r"同意|愿意|接受|答应|授权|赞成|乐意|没意见|没有意见")
_HARMLESS = words_pattern(
    "谢谢 多谢 感谢 麻烦 辛苦 拜托 你们 您 快点 尽快 安排 听你们 听你们的 就行 想好了 知道了 明白 看过了 看完了 读完了 考虑好了 商量好了 问过了 不用考虑 不用商量 家里都",
    "都商量过 吧 了 啊 呀 哦 的 我 也 就 为了孩子 为了孩子好 为他好 只要对他好 早点 开始 弄 办 老师 社工 大家 好人 一起",
)
_DOUBT = re.compile(r"怕|但|不过|可是|只是|就是|除了|只|别|不|没|得先|必须|一定要|要求|希望|保证")
_CLAUSES = re.compile(r"[，,。；;！!\n\s]+")


def read_decision(text: str) -> Decision:
    """One person's yes, no or not yet. A yes only in plain words with no doubt beside them."""
    text = text.strip().lower()
    if is_question(text) or _TWISTED.search(text):
        return Decision.UNCLEAR
    clauses = [clause for clause in _CLAUSES.split(text) if clause]
    yes = [clause for clause in clauses if _says_yes(clause)]
    others = [clause for clause in clauses if clause not in yes]
    others = [_DECIDED.sub("", clause) for clause in others]
    no = any(_NO.search(clause) for clause in others)
    said_both = no and any(_PLAIN_YES.search(_NO.sub("", clause)) for clause in others)
    if _CONDITION.search(text):
        return (
            Decision.UNCLEAR
            if yes or no
            else Decision.NOT_YET
            if _NOT_YET.search(text)
            else Decision.UNCLEAR
        )
    if any(_NOT_YET.search(clause) for clause in others):
        return Decision.NOT_YET
    if no:
        return Decision.UNCLEAR if yes or said_both else Decision.NO
    if not yes:
        return Decision.UNCLEAR
    rest = [clause for clause in others if clause and not is_made_of(_HARMLESS, clause)]
    plain = any(_PLAIN_YES.search(clause) for clause in yes)
    if not any(rest) or (plain and not any(_DOUBT.search(clause) for clause in rest)):
        return Decision.YES
    return Decision.UNCLEAR


def _says_yes(clause: str) -> bool:
    return bool(_YES_WORD.search(clause)) and is_made_of(_YES_CLAUSE, clause)


# --- whose statement --------------------------------------------------------------------------------

_KIN = "儿子|女儿|闺女|老公|老婆|丈夫|妻子|爱人|媳妇|老伴|老人|弟弟?|哥哥?|姐姐?|妹妹?|爸爸?|妈妈?|父亲|母亲|孩子|娃儿?|爷爷|奶奶"
_OTHERS = re.compile(
    rf"(?:但是?|可是?|不过|而且?|就是)?(?:他|她|患者|病人|(?:我|俺|咱)?(?:家|的)?(?:{_KIN}))(?:本人|自己)?(?P<also>也|都|就|是|说|已经|那边)*"
)
_BOTH = re.compile(
    rf"(?:我们|我俩|俩|两个|两人|双方|大家|(?:我|俺)(?:和|跟|同)(?:他|她|孩子|{_KIN})|一家人|全家|娘俩|夫妻俩|父子俩|母子俩)(?:人|个|俩|都|也|自己)*(?:同意|愿意|可以|没意见|没问题|行)"
)
_OWN_CONSENT = re.compile(
    r"(?:^|[，,。\s])(?:我|我们|俺|本人|家里人?|家属|我和他|我跟他)?(?:们|俩|自己|都|也)*(?:不|完全|肯定|当然)?(?:同意|愿意参加|授权)"
    r"(?:参加|申请|提供|采集|收集|信息|资料|了|的|吧|啊|哈|呀)*(?=$|[，,。!！\s])"
)
"""Without having been asked only this: not 不同意我们结婚."""
_BETWEEN_PEOPLE = re.compile(r"(?<=同意|愿意)(?=我|俺|他|她)")
_NOBODY_ASKED = re.compile(r"还没|没问|没有问|不知道|不清楚|不懂|不晓得|问他|问她")


def read_consent(text: str, *, asked: bool) -> Consent | None:
    """The writer's own decision, and what is told of the patient's wish.

    Without being asked only a sentence with 同意 or 愿意 in it counts.
    """
    if not asked and (is_question(text) or not _OWN_CONSENT.search(text)):
        return None
    if is_question(text):
        return Consent(Decision.UNCLEAR)
    if _BOTH.search(text) and not _NO.search(text):
        decision = read_decision(re.sub(r"(?:和|跟|同)(?:他|她|孩子)", "", text))
        return Consent(decision, decision)
    mine: list[str] = []
    theirs: list[str] = []
    for clause in filter(None, _CLAUSES.split(_BETWEEN_PEOPLE.sub("，", text))):
        told = _OTHERS.match(clause)
        if (
            told
            and told.end() < len(clause)
            and not re.match(r"的|说(?:过)?(?:可以|能)?(?:社区|去)", clause[told.end() :])
        ):
            theirs.append(clause[told.end() :])
        elif (
            theirs
            and not mine
            and not re.match(r"(?:但|可|不过)?(?:是)?(?:我|俺|本人|监护人|家)", clause)
        ):
            theirs.append(clause)
        else:
            mine.append(re.sub(r"^(?:但是?|可是?|不过)(?=我|俺)", "", clause))
    patient = read_decision("，".join(theirs)) if theirs else None
    if mine and theirs and _NOBODY_ASKED.search("，".join(theirs)):
        patient = Decision.UNCLEAR
    writer = read_decision("，".join(mine)) if mine else None
    if (
        writer is Decision.UNCLEAR
        and patient
        and not re.search(r"同意|愿意|可以|行|好", "".join(mine))
    ):
        writer = None
    return Consent(writer, patient)


_RIGHT_WORDS = (
    "对 没错 正确 没问题 是 是的 嗯 好 好的 可以 行 确认 无误 准确 ok 没毛病 对头 要得 中 没有错 没有问题 提交 就这样 就是这样 是这样 是这些 没有要改的 不用改 不改 不改了 妥 "
    "没啥问题 没得错"
)
_RIGHT_WORD = words_pattern(_RIGHT_WORDS)
_RIGHT = words_pattern(
    _RIGHT_WORDS, "都 的 了 啊 呀 哦 吧 嘞 呢 ， , 。 . ! ！ 谢谢 全 就 我 信息 内容"
)
_WRONG = re.compile(
    r"不对|错了|有误|不正确|写错|填错|不是|要改|修改|改一下|改下|更正|有问题|有错|不准|改成|换成|弄错|打错|搞错|先别|别提交|不确认|还想|还要|加一个|再加|补充|添一|漏了|少了|写[大小多]了|还要改"
)


def read_confirmation(text: str) -> Decision:
    """The answer to a summary: YES only for a plain yes; NO where something is to be changed."""
    text = text.strip()
    if is_question(text):
        return Decision.UNCLEAR
    if _RIGHT_WORD.search(text) and is_made_of(_RIGHT, text):
        return Decision.YES
    if _WRONG.search(
        re.sub(r"没有?(?:错|问题|写错|什么要改)|不用改|不改|没啥(?:问题|错)", "", text)
    ):
        return Decision.NO
    if _NOT_YET.search(text):
        return Decision.NOT_YET
    if re.match(r"^(?:不|没有?|否|不行|不可以|不要|no)[的了啊呀。.!！\s]*$", text, re.IGNORECASE):
        return Decision.NO
    return (
        Decision.YES
        if re.match(r"^(?:对|没错|正确|确认|嗯|是的|提交)[，,。\s]", text) and not _NO.search(text)
        else Decision.UNCLEAR
    )


_COMMANDS: tuple[tuple[Command, str], ...] = (
    (Command.RESTART, r"重(?:新)?来(?:一遍|过)?|重(?:新)?填(?:写|过|一遍)?|重(?:新)?(?:申请|开始|弄|写)|从头(?:来|开始)?(?:填|来)?|全部重来|清空|重头来过?|从新(?:来|填|开始)"),
    (Command.BACK, r"返回(?:上一步|上一题|上一个)?|上一[步题个条页](?:问题)?|退回(?:上一步|去|上一个)?|回(?:到)?上一[步题个]|后退|倒回去|前一[个题步]|退一步|回退|back"),
    (Command.PAUSE, r"先(?:放放|放一放|不填|不弄|这样|到这|停|放着|不说|不写|存着|保存|退出|忙)(?:了|吧|一下|里)*|(?:等会儿?|等下|待会儿?|回头|晚点|改天|明天|一会儿?|过会儿?|下次|有空|晚上)(?:再|接着|来)*(?:说|填|弄|聊|写|来)(?:吧|了)?|不(?:想)?(?:说|填|弄|搞|写)了|先?暂停|"
     r"(?:我)?(?:先)?(?:有事|去忙|忙去)(?:了|一下)?|下回再(?:说|填)|算了|不填了先?|暂时不填|今天(?:先)?(?:到这|不填|就这样)(?:了|里|吧)?|先保存|下线了|我先忙|停一下"),
    (Command.CANCEL, r"取消(?:申请|报名|这个申请|了)?|不(?:要|想)?(?:申请|报|办|报名|参加)了|撤(?:销|回)(?:申请)?|删(?:掉|除)(?:申请|这个申请)?|不想(?:申请|办|弄|报)了|放弃(?:申请)?|作废|结束申请|cancel"),
    (Command.SKIP, r"(?:跳过|略过|省略)(?:这个|这题|这条|吧|去)?|下一[个题步项](?:吧)?|(?:这个|这题|这项|这条)?(?:我)?(?:不想|不方便|不愿意|不便|不太想)(?:说|填|讲|回答|透露|写|告诉)(?:这个)?(?:可以)?|(?:这个|这题|这项|这条)(?:先)?(?:不填|不说|不写|跳过|空着)(?:了|吧)?|空着(?:吧)?|过(?:吧)?|pass|保密|不告诉你?"),
    (Command.CONTINUE, r"继续上次的?|接着上次的?(?:填|来)?|(?:来|再)?继续(?:填|申请|填写|吧|办|来|说|下去)?|接着(?:填|来|说|办|弄)?(?:吧)?|往下(?:走|填|说)?|我(?:又)?(?:回来|来)了|来?继续填|开始吧|接到(?:说|填)|接上次的?|上次(?:没填完|填到一半|填到哪)?.{0,4}(?:继续|接着)(?:填)?|next"),
)  # fmt: skip
_WRAP = r"(?:太?麻烦了?|写错了|填错了|点错了|按错了|累了|烦死了|孩子闹|我要|我|那|就|请|帮我|麻烦|还是|想|要|吧|好|嗯|先|唉|哎|给我|能|可以|这个|点错了|，|,|\s)*"
_ENDING = r"(?:吧|了|啊|呀|哦|嘛|呢|哈|一下|的|谢谢|，|,|。|\.|!|！|~|～|\s|不想弄|不办|不填|好|太麻烦|麻烦|心累|行|嘞|嗦|这个|申请|我)*"


def read_command(text: str, *, asked: bool) -> Command | None:
    """A command, where the message is nothing else; in answer to a question also after a few words."""
    text = text.strip().lower()
    if (
        len(text) > _LONGEST_TEXT
        or is_question(text)
        or re.search(r"提醒|吃药|药|预约|\d{5}", text)
    ):
        return None
    last = [clause for clause in _CLAUSES.split(text) if clause][-1:]
    for said in [text, *(last if asked and len(text) <= _LONGEST_COMMAND else [])]:
        for command, pattern in _COMMANDS:
            if re.fullmatch(rf"{_WRAP}(?:(?>{pattern})(?>{_ENDING}))+", said):
                return command
    return None


_LONGEST_COMMAND = 20
_LONGEST_TEXT = 60
