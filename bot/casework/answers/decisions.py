"""Yes, no and not yet: consent, confirmation, and the commands that steer the application."""

from __future__ import annotations

import re

from bot.casework.answers.model import Command, Consent, Decision

_QUESTION = re.compile(
    r"[?？]|吗(?:$|[，,。])|么$|(?:什么|啥|怎么|咋)(?!都|也)|为什么|为啥|多少|谁|哪[里儿个些]|能不能|可不可以|是不是|要不要|有没有|会不会|有啥|会怎|如何|能否|是否|"
    r"同不同意|愿不愿"
)
_CONDITION = re.compile(
    r"如果|要是|假如|的话|前提|除非|只要|得看|看情况|看看再|要看|先.{1,10}(?:再|才)|(?:免费|不要钱|不花钱|不收费|不用钱|没人知道|保密|不告诉).{0,4}(?:就|才|我|再|可以|同意|行)|"
    r"不(?:收钱|要钱|花钱|公开|外传).{0,3}(?:就|才)|但(?:是)?(?:不|别|要|得)|不过|只(?:同意|要)|等.{1,10}(?:再|才)同意|才同意|才行|就行了?$|部分"
)
_NOT_YET = re.compile(
    r"再(?:想想|想一下|说|看看|考虑|商量|等等|等一等|议|问问|合计|琢磨)|考虑(?:一下|下|考虑|看看)?|想想|想一想|想一下|商量|合计|不太想|不大想|不是很想|有点(?:怕|担心|犹豫|顾虑)|"
    r"犹豫|拿不定|没想好|还没(?:想好|决定|定)|等(?:等|一等|我|一下|几天|过)|先(?:等|放|不|缓)|算了|暂时不|先不|改天|过几天|回头|下次|问问(?:家|他|她|我|老|孩子)|跟家里|"
    r"不敢|担心|顾虑|做不了主|不急|以后再|缓一缓|琢磨|掂量|不好说|说不准|莫慌|等哈|歇歇再"
)
_NO = re.compile(
    r"不(?:同意|愿意|愿|行|可以|接受|答应|肯|准|许|参加|要|干|想|授权|得行|中|成|好|同|办了|弄了|申请了|需要|用)|拒绝|反对|没门|休想|不不|坚决不|免了|别了|不是|要不得|使不得|"
    r"no(?![a-z])|^(?:不|否|勿|莫|甭|唔好|冇得|冇同意)[了的啊呀吧!！。\s]*$|没同意|没答应|未同意|撤回|取消同意|冇"
)
_YES = re.compile(
    r"同意|愿意|可以|没问题|没意见|没得问题|要得|使得|中(?:$|[，,。!！\s啊的吧])|^中|行(?:$|[，,。!！\s啊的吧呀嘞])|好(?:$|[，,。!！\s啊的吧呀嘞滴哒勒了嘛])|好的|^好好|^嗯+|^恩+|^对|^是(?:的|$|啊|呀)|"
    r"接受|答应|授权|允许|ok(?![a-z])|okay|yes|y$|👌|👍|成(?:$|[，,。!！\s啊])|得行|要的|必须的|当然|肯定|支持|赞成|可(?:$|[，,。!！])|妥|着(?:$|！)|会使|系嘅|得嘅|冇问题|好咧|好哇|中嘞|管(?:$|！)|"
    r"确认|1$|^1[.、]?同意|听你们的|照办|办吧|签吧|我签|参加吧|愿参加|乐意|巴不得|求之不得|那就这样|就这样吧|行行|妥了"
)
_DOUBLE = re.compile(
    r"不是不|不(?:是)?不同意|没有不同意|不得不|不能不|并非不|也不是不|不反对|没说不|不敢不|同意个|可以个|好个|行个|不好意思|好(?:难|多|烦|累|久|像|几|不容易|怕|奇怪|贵|麻烦)|可以(?:不同意|不签|不填|拒绝|取消|退)|同意书|"
    r"同意(?:了会|之后|以后|后|就是|是指|的是)|行不|好不|中不|可不"
)
_OTHERS = re.compile(
    r"(?:他|她|患者|病人|孩子|娃儿?|儿子|女儿|闺女|老公|老婆|丈夫|妻子|爱人|媳妇|弟弟?|哥哥?|姐姐?|妹妹?|爸爸?|妈妈?|我妈|我爸|老伴|老人)(?:本人|自己)?(?P<also>也|都|还|就|是|说|已经|那边)*"
)
_SELF = re.compile(
    r"^[\s]*(?:我|俺|我们|咱|本人|我自己|我这边|监护人|家里人?|家属|全家|我们全家)(?:自己|本人)?(?:肯定|当然|是|也|都|倒是|完全|全家)*"
)
_BOTH = re.compile(
    r"(?:我们|我俩|俩|两个|两人|双方|大家|都|我和他|我跟他|我和她|我跟她|一家人|全家|娘俩|夫妻俩|父子俩|母子俩)(?:人|个|都|也)*(?:同意|愿意|可以|没意见|没问题|行)"
)


def read_decision(text: str) -> Decision:
    """One person's yes, no or not yet in one statement; anything else is unclear, never a yes."""
    text = text.strip().lower()
    if _QUESTION.search(text) or _DOUBLE.search(text):
        return Decision.UNCLEAR
    not_yet, condition = _NOT_YET.search(text), _CONDITION.search(text)
    without_no = _NO.sub("", text)
    no, yes = _NO.search(text), _YES.search(without_no)
    if condition and (yes or no):
        return Decision.UNCLEAR
    if not_yet:
        if yes and not no and re.match(r"^(?:好|行|嗯|可以|同意|中|要得)[的吧啊呀，,\s。]", text):
            # 好，我考虑一下 is not a yes; 同意，不用考虑了 is.
            return (
                Decision.YES
                if re.search(r"不用(?:考虑|商量|想)|考虑好了|商量好了|想好了", text)
                else Decision.NOT_YET
            )
        if (
            re.search(r"不用(?:考虑|商量|想)了|考虑好了|商量好了|想好了|商量过了|考虑过了", text)
            and yes
        ):
            return Decision.YES
        return Decision.NOT_YET
    if no and yes:
        return Decision.UNCLEAR
    if no:
        return Decision.NO
    return Decision.YES if yes else Decision.UNCLEAR


_CLAUSES = re.compile(
    r"[，,。；;！!\n\s]+|(?:但是?|可是?|不过|而|就是)(?=他|她|我|孩子|患者|儿子|女儿|老|弟|哥|姐|妹|妈|爸)"
)


_OWN_CONSENT = re.compile(
    r"(?:^|[，,。\s])(?:我|我们|俺|本人|家里人?|家属|我和他|我跟他)?(?:们|俩|自己|都|也)*(?:不|完全|肯定|当然)?(?:同意|愿意参加|授权)"
)


def read_consent(text: str, *, asked: bool) -> Consent | None:
    """The writer's own decision, and what is told of the patient's wish.

    Without being asked only a sentence with 同意 or 愿意 in it counts.
    """
    if not asked and (_QUESTION.search(text) or not _OWN_CONSENT.search(text)):
        return None
    if _QUESTION.search(text):
        return Consent(Decision.UNCLEAR)
    if _BOTH.search(text) and not _NO.search(text):
        decision = read_decision(text)
        return Consent(decision, decision)
    mine: list[str] = []
    theirs: list[str] = []
    current = mine
    for clause in filter(None, (part and part.strip() for part in _CLAUSES.split(text))):
        if _SELF.match(clause):
            current = mine
        elif match := _OTHERS.match(clause):
            if re.match(r"的|说(?:过)?(?:可以|能)?(?:社区|去)", clause[match.end() :]):
                current = mine
            else:
                current = theirs
                if match["also"] and "也" in match["also"] and not mine:
                    mine.append("同意" if re.search(r"也(?:同意|愿意)", clause) else "")
                current.append(clause[match.end() :])
                continue
        current.append(clause)
    writer = read_decision("，".join(filter(None, mine))) if any(mine) else None
    patient = read_decision("，".join(theirs)) if theirs else None
    if patient is Decision.UNCLEAR and not re.search(
        r"还没|没问|不知道|不清楚|不懂", "".join(theirs)
    ):
        patient = None
        if writer is None:
            writer = Decision.UNCLEAR
    return Consent(writer, patient)


_RIGHT = re.compile(
    r"^(?:都?(?:对|没错|正确|没问题|是的?|嗯+|好的?|可以|行|确认|无误|准确|ok|没毛病|对头|要得|中|没有错|没有问题|提交|就这样|是这样|是这些|没有要改的|不用改|不改了?|妥|没啥问题|没得错)"
    r"[的了啊呀哦嗯吧嘞呢，,。.!！\s]*(?:提交|确认|就这样|谢谢|没问题|都对|对的?|可以)*[吧了的。.!！\s]*)+$",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"不对|错了|有误|不正确|写错|填错|不是|要改|修改|改一下|改下|更正|有问题|有错|不准|改成|换成|弄错|打错|搞错|先别|别提交|不确认|漏了|少了|还要改"
)


def read_confirmation(text: str) -> Decision:
    """The answer to a summary: YES only for a plain yes; NO where something is to be changed."""
    text = text.strip()
    if _QUESTION.search(text):
        return Decision.UNCLEAR
    if _RIGHT.match(text):
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
    (Command.RESTART, r"重(?:新)?来(?:一遍|过)?|重(?:新)?填(?:写|过|一遍)?|重(?:新)?(?:申请|开始|弄|写)|从头(?:来|开始|填)?|全部重来|清空|重头来过?|从新(?:来|填|开始)"),
    (Command.BACK, r"返回(?:上一步|上一题|上一个)?|上一[步题个条页](?:问题)?|退回(?:上一步|去|上一个)?|回(?:到)?上一[步题个]|后退|倒回去|前一[个题步]|退一步|回退|back"),
    (Command.PAUSE, r"先(?:不填|不弄|这样|到这|停|放着|不说|不写|存着|保存|退出|忙)(?:了|吧|一下|里)*|(?:等会儿?|等下|待会儿?|回头|晚点|改天|明天|一会儿?|过会儿?|下次|有空|晚上)(?:再|接着|来)?(?:说|填|弄|聊|写|来)(?:吧|了)?|不(?:说|填|弄|搞|写)了|先?暂停|"
     r"(?:我)?(?:先)?(?:有事|去忙|忙去)(?:了|一下)?|下回再(?:说|填)|算了|不填了先?|暂时不填|今天(?:先)?(?:到这|不填|就这样)(?:了|里|吧)?|先保存|下线了|我先忙|停一下"),
    (Command.CANCEL, r"取消(?:申请|报名|这个申请|了)?|不(?:申请|报|办|报名)了|撤(?:销|回)(?:申请)?|删(?:掉|除)(?:申请|这个申请)?|不想(?:申请|办|弄|报)了|放弃(?:申请)?|作废|结束申请|cancel"),
    (Command.SKIP, r"跳过(?:这个|这题|吧|去)?|略过|下一[个题步项](?:吧)?|(?:这个|这题|这项|这条)?(?:我)?(?:不想|不方便|不愿意|不好|不便|不太想)(?:说|填|讲|回答|透露|写|告诉)(?:这个)?(?:可以)?|(?:这个|这题|这项|这条)(?:先)?(?:不填|不说|不写|跳过|空着)(?:了|吧)?|空着(?:吧)?|过(?:吧)?|pass|保密|不告诉你?"),
    (Command.CONTINUE, r"继续(?:填|申请|填写|吧|办|来|说|下去)?|接着(?:填|来|说|办|弄)?(?:吧)?|往下(?:走|填|说)?|我(?:又)?(?:回来|来)了|开始吧|接到(?:说|填)|接上次的?|上次(?:没填完|填到一半|填到哪)?.{0,4}(?:继续|接着)(?:填)?|next|继续上次的?"),
)  # fmt: skip
_WRAP = r"(?:我|那|就|请|帮我|麻烦|还是|想|要|吧|好|嗯|先|唉|哎|给我|能|可以|这个|点错了|，|,|\s)*"
_ENDING = r"(?:吧|了|啊|呀|哦|嘛|呢|哈|一下|的|谢谢|，|,|。|\.|!|！|~|～|\s|不想弄|不办|不填|好|太麻烦|麻烦|心累|行|嘞|嗦|这个|申请|我)*"


def read_command(text: str) -> Command | None:
    """A command, where the message is nothing else."""
    text = text.strip().lower()
    if re.search(r"[?？]|吗$|怎么|提醒|吃药|药", text):
        return None
    for command, pattern in _COMMANDS:
        if re.fullmatch(rf"{_WRAP}(?:{pattern}){_ENDING}", text):
            return command
    return None
