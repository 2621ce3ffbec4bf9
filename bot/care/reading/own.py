"""Wishes of the family's own about medicine, in whatever words: less, more, none, otherwise, hidden.

`changing` reads orders that name what is to be different. This is the second look at every message,
by what is done to the medicine and not by how the order is phrased, so that 药先放一放 or 三次的药
合到晚上一次吃完 is refused as surely as 停药. Reminders, questions about medicine and what a doctor
ordered are none of it. Nothing here carries anything out.
"""

from __future__ import annotations

import re
from typing import Literal

from bot.care.reading import cues
from bot.care.reading.tokens import T, Token
from bot.care.reading.whose import by_doctor

Wish = Literal["less", "more", "hidden"]
"""`less` holds none, rarer, later and another medicine too: the plan as prescribed is left."""


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


_GONE = r"(?:停|断|撤|免|戒|扔|丢|划|减|省|去|砍|抽|拿|删|罢|舍|歇|扣|掐|抹)"
_OFF = r"(?:掉|了|去|吧|走|下来|算)"
_PIECE = r"[片粒颗顿丸份回]"
_SOME = r"(?:[一二两三四半几\d]|点|些)"
_GIVEN = r"(?:给|让|喂|叫|劝)?(?:他|她|我|俺|孩子|娃|妈|爸|儿子|女儿|闺女|老伴|老公|老婆)?(?:们)?"
_A_WHILE = (
    r"(?:今后|以后|往后|从今|暂时|暂且|这(?:个|一)?(?:周|月|几天|两天|段|阵)|[一二两三四五六七\d半几]+个?(?:天|周|月)"
    r"|过年|过节|放假|考试|出门|喝酒|出差|旅游|上班|上学|白天)"
)
_NO_DOSE = rf"不(?:再|用|想|打算|准备|要|敢|必)*{_GIVEN}(?:再)?(?:吃|服|喂|喝|打)"
_ENOUGH = r"(?:得了|就得|行了|就行|够了|就够|就中|中了|就成|成了|拉倒|算了|差不多|也行|也成|也够|也中|稳当)"

_LESS = _any(
    # the medicine, or one of its doses, given up
    rf"药[^,。?]{{0,7}}{_GONE}{_OFF}",
    rf"{_GONE}{_OFF}[^,。?]{{0,5}}药(?!物)",
    rf"(?:我|咱|俺|他爸|他妈)(?:们|就|都|索性|干脆|直接|偷偷)*(?:给|把|帮)?(?:他|她|孩子|药)*{_GONE}了",
    rf"[那这]一?{_PIECE}[^,。提闹]{{0,5}}(?:不要|不用|不吃|别吃|不给|免|省|去掉|停|撤|挪走|拿掉)",
    r"药[^,。]{0,4}(?:放一放|搁一搁|停一停|歇一歇|缓一缓|放放|缓缓|歇歇|搁着|收起来|锁起来|放下)",
    r"(?:(?<!暂)停|断|歇|缓)(?:上|个|它|药)*[一二两三四五六七半几\d]+个?(?:天|周|月)",
    rf"(?:{_A_WHILE})[^,。]{{0,8}}{_NO_DOSE}(?:药|那|这|了|吧|$|[,。])",
    r"药[^,。]{0,8}(?:不(?:打算|准备|想)(?:再)?(?:给|让)|不给)[^,。]{0,3}(?:吃|用|喂|打)?了",
    r"(?:索性|干脆|直接|就|也)(?:都)?不给(?:他|她|孩子)?(?:吃|喂|用)?了",
    r"不给(?:他|她|孩子)吃[^,。]{0,6}了",
    r"(?:跳|空|略)过|空一[顿次天]",
    rf"一[天次](?:就|只)(?:给|让)?(?:他|她|孩子)?(?:吃|喂)[一半]{_PIECE}",
    rf"分(?:给)?(?:他|她|我|妹|弟)[一半两]{_PIECE}",
    r"别(?:再)?(?:给|让)?(?:他|她|孩子)?吃了",
    r"(?:早上|中午|晚上|睡前|白天)的?(?:那[片粒顿次])?(?:就|先)?(?:别|甭|不用)(?:给他|给她)?吃",
    # smaller, rarer, poured together
    r"量(?!血|体|杯)[^,。]{0,4}(?:往下|压|砍|缩|少)",
    r"往下(?:压|拉|缩|来)",
    r"(?:慢慢|逐渐|一点点|自己|偷偷|自作主张)(?:地|的|给他)?减",
    rf"少{_GIVEN}(?:吃|喂|用|打|服)?(?:上)?{_SOME}{_PIECE}",
    r"(?:并|合|凑|拼|攒|归|挤)(?:成|到|在|作|为|并)?[^,。提]{0,4}(?:一[次顿回]|一起|一块|晚上|早上)",
    rf"(?:[两三四2-4]|几)(?:次|顿)的?(?:药)?[^,。]{{0,8}}一(?:次|顿|起|块|把)(?:全|都)?{_GIVEN}(?:吃|喂|服)",
    rf"一{_PIECE}(?:药)?(?:掰|分|匀)[^,。]{{0,3}}[两三四]?(?:天|次|顿)",
    rf"掰(?:开|成|着)[^,。]{{0,4}}(?:吃|半|{_PIECE})",
    rf"(?:就|只|光|改)(?:给|让)?(?:他|她|孩子)?(?:吃|喂|服)[^,。提]{{0,8}}{_ENOUGH}",
    rf"给(?:他|她|孩子)(?:吃|喂|服)[^,。提]{{0,10}}{_ENOUGH}",
    r"(?:现在|今后|以后|往后)[^,。]{0,4}(?:我)?(?:就|只)(?:给|让)?(?:他|她)?(?:吃|给|喂)",
    r"断断续续|有一[顿次]没一[顿次]|想起来(?:才|就)吃|(?:没|不)(?:症状|发病|犯病|犯|闹|难受)[^,。]{0,3}(?:就|便)?不(?:用)?吃",
    r"(?:[三两几][顿次]|一天)的药[^,。]{0,5}一[顿次](?:全)?吃(?:了|完|掉)?",
    r"(?:就|都)?不安排了|先欠着",
    rf"(?:琢磨|寻思|合计|盘算|想着?|觉得|看)[^,。提]{{0,12}}(?:天吃一|半{_PIECE}|少一{_PIECE}|一天一)[^,。提]{{0,6}}",
    r"(?:留|剩)[一两]?种[^,。]{0,3}(?:够|行|好|算)",
    # another medicine by advice that is not a doctor's
    r"(?:我|咱|俺|也|想|要|帮|给他|给她)[^,。医]{0,6}换(?:成|个|种|一种)(?!时间|时候|点|地方|医院)[^,。医]{0,8}药(?!店|物)",
    r"换(?:个|种)[^,。医]{1,8}的药",
    r"(?:中药|保健品|偏方|草药|针灸|信教|练功|食疗)[^,。]{0,8}(?:替|代|顶|比)",
    r"(?:也|都)(?:想|要)(?:给他|给她)?吃(?:那|这|他)",
    r"换(?:便宜|好|贵|别|新|进口|国产|掉|一种|个别)",
    # the needle put off
    r"针[^,。提]{0,8}(?:往后|拖|延后|缓|年后|推[^,。]{0,5}再说|晚几|晚一周|晚个|迟几|迟一)[^,。提]{0,8}",
    r"(?:这个?月|这次|今年|这一?针)[^,。]{0,4}不(?:去|想|给他)?打(?:针|了)",
)
_MORE = _any(
    rf"(?:^|[,。]|想|能|给他|给她|再)加(?:上)?[一二两半]{_PIECE}(?:吧|行|试|好|药|看|,|$)",
    rf"多{_GIVEN}(?:吃|喂|加|服|用|打)?(?:上|个)?{_SOME}{_PIECE}?(?!时间)(?:药|压|镇|吧|行|好|试|看|,|$)",
    r"(?:漏|忘|落)[^。?]{0,12}补(?:上|回来|吃)(?![^。]*[吗么?])",
    r"双份|双倍|翻倍|加倍|(?:想|要|给他|给她|自己)加量|两份|两顿(?:药)?(?:的)?(?:一起|并|合|一块)",
    r"(?:吃|服|喂)(?:它|上)?(?:两|双|2|二)[片粒份顿][^,。]{0,4}(?:补|顶)",
    r"补(?:吃|服|给)?(?:他)?(?:两|双|二|2)",
    rf"(?:不顶|不管|不够|没)(?:事|用|效|劲)[^。]{{0,5}}(?:吃|给|来|喂)[两三]{_PIECE}",
    rf"(?:^|[,。])(?:就|再)?(?:给他|给她)?(?:吃|来)[两三]{_PIECE}吧",
    r"(?:漏|忘|落|没吃)[^。?]{0,14}(?:一起|一块|一并)(?:吃|补|喂)(?!吗|[^,。]{0,4}[吗?])",
)
_HIDDEN = _any(
    r"(?:拌|掺|混|搅|化|兑|溶|磨|碾|捣|压|泡|下|藏|放)(?:成粉|碎|细|开)*[^,。]{0,4}(?:在|进|到|入|他|她)?[^,。]{0,4}"
    r"(?:饭|汤|牛奶|豆浆|粥|面|菜|饮料|水果|酸奶|馒头|包子|食物|茶|稀饭|可乐|果汁|蛋)(?!后|前|时)",
    r"(?:偷偷|悄悄|暗地|瞒着|骗)[^,。]{0,8}(?:下|放|喂|给)[^,。]{0,4}药",
    r"药[^,。]{0,10}(?:不知道|不让他知道|发现不了|尝不出|吃不出|瞒着)",
)

_MEDICINE = re.compile(
    r"药|[片粒颗丸]|针|[剂的]量|[两三]顿|跳过|双[倍份]|[吃停](?!饭|苦|亏|水|电|车)|减(?:掉|了|下来)"
)
_TOLD = _any(
    r"会不会|多久|怎么|咋|为什么|为啥|什么时候|后果|要紧|影响大|区别|对不对|应不应该|该不该|好不好使",
    r"(?:停|断|减|漏)(?:过|了)?药?[^,。]{0,6}(?:就|后|以后|之后|又|才)[^,。]{0,6}(?:犯|发|复发|闹|住院|打|骂|不睡)",
    r"(?:以前|去年|前年|那时|当时|那年|上次|曾经|年轻时)[^,。]{0,12}(?:停|断|减|扔|掰|藏|吐|不吃)",
    r"被(?:他|她|孩子|狗|猫|人)",
    r"店|超市|药房|老板|药费|费用|减免|饭也?不|早退",
    r"担心|怕他|是不是|他(?:自己)?(?:老|总|偷偷|经常|又)(?:是)?(?:藏|吐|扔|减|停)(?![^。]{0,10}(?:我|索性|干脆))",
)
_DECIDES = re.compile(
    r"想|要(?!求|是)|打算|准备|能不能|能否|可不可以|可以[^,。]*[吗不]$|[行成中]不|[行好成]吗|得行|做主|自己|自个|咱|我来|我定|干脆|索性|不如|要不"
    r"|(?<!记得)(?<!提醒)吧$|算了|非要|拗不过|省心|省得|先|我(?:就|给|把|挪|改)"
)
_OTHERWISE = _any(
    r"换|改吃|顶替|代替",
    rf"(?:改|挪|变|并|合)(?:成|到|为|吃)?[^,。提]{{0,4}}(?:天一|[一两]次|[一半两]{_PIECE}|隔|只)",
    rf"(?:来|加|补|多)(?:上|它)?[一半两三四\d]{_PIECE}",
    rf"(?:只|就|光)(?:给)?(?:他|她)?(?:吃)?[^,。提]{{0,3}}[一半]{_PIECE}",
    rf"给(?:他|她)(?:吃)?[一半]{_PIECE}",
    r"(?:减|停|断|戒|撤|免)(?!肥|电|车|水)",
    r"隔(?:一|两)?天",
    r"不(?:用|给他|给她|再)?(?:吃|打|喂)(?!饭|亏)",
    r"少(?:吃|给|喂|打)",
    r"我来[调定]|照改",
)
"""What a family that decides for itself would do; with a word of deciding beside it."""
_NOT_TAKING = re.compile(
    r"(?:先|就|都|暂时|干脆|以后|今后)不(?:给)?(?:他|她)?(?:吃|打|喂)(?!饭)|(?<![他她爸妈娃])不(?:吃|打)(?!饭|亏|完|到|下|上)(?:药|它|针|了|$|[,。])"
)
_JUST_NOT = re.compile(
    r"他|她|死活|就是|硬是|坚决|今天|今早|今晚|昨天|早上|中午|晚上|那|这|顿|次|片|粒|又|还|药|了|的|呢|啊|不吃|不打|针|睡着|闹|跟我|非说"
)
_FIRM = re.compile(r"(?:非要|闹着要?|吵着要?)(?:停|断|不吃)|药[^,。]{0,4}不吃(?:能|会|又)咋")
"""Beyond any question or talk of reminders."""
_NEEDED = re.compile(r"药(?:快|都|也)?(?:没|断|完|吃完)了?(?:,|$)[^。]{0,8}(?:开|买|拿|取|领)")


def own_wish(chars: str, tokens: list[Token], *, planned: bool) -> Wish | None:
    """What the family would do with the medicine on its own; None where nothing says so.

    ``planned``: the message was read as a new plan, whose own words (周末不吃) are no wish.
    """
    if by_doctor(chars) or any(t.kind is T.PRN or t.value.startswith("cycle:") for t in tokens):
        return None
    said = _named_as_medicine(chars, tokens)
    if (
        _HIDDEN.search(said)
        and re.search(r"药|不(?:肯|愿意?)?吃", said)
        and not re.search(r"怎么|藏起来没吃", said)
    ):
        return "hidden"
    if _FIRM.search(said):
        return "less"
    if re.search(r"换个?(?:时间|时候|点)", said):
        return None
    if not _MEDICINE.search(said) or _TOLD.search(said) or _NEEDED.search(said):
        return None
    if cues.only_reminders(said):
        return None
    if cues.REQUEST.search(chars) and not re.search(r"[停断减撤免戒]|少[吃给]|不[吃打]", said):
        return None
    if _MORE.search(said):
        return "more"
    if _LESS.search(said):
        return "less"
    if planned and not cues.REASON.search(said):
        return None
    decided = _DECIDES.search(said) is not None and _OTHERWISE.search(said) is not None
    return "less" if decided or _no_more_for_a_reason(said) else None


def _no_more_for_a_reason(said: str) -> bool:
    """天热上火,夏天不吃: not taking it, and why. 他不吃 alone is a dose that was not taken."""
    if _NOT_TAKING.search(said) is None:
        return False
    return len(_JUST_NOT.sub("", re.sub(r"[^一-鿿]", "", said))) > 2


def _named_as_medicine(chars: str, tokens: list[Token]) -> str:
    """The message with every medicine's name put as 药, so that one pattern fits all of them."""
    parts: list[str] = []
    place = 0
    for token in tokens:
        if token.kind is T.DRUG:
            parts += [chars[place : token.start], "药"]
            place = token.end
    return "".join([*parts, chars[place:]])
