"""What kind of answer a question wants, and whether a sentence has one: an amount, a number, a day.

A clause that speaks of subsidies answers "how much" only if it states an amount. This is what
keeps the search from quoting words that look right and say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.policy.words import plain

# How much, in the standard language and in dialects (好多钱, 几多). 花了好多钱 states, it does not ask.
_MANY = r"(?:多少(?!就|有点)|(?<!花了)(?<!费了)(?<!用了)(?<!跑了)(?<!走了)好多(?!次|年|遍|趟|地方|事)|几多)"
_NUMERAL = r"(?:\d[\d.,]*|[一二两三四五六七八九十百千万]+)\s*(?:多|余|几)?\s*(?:万|亿)?(?:余|多)?"

_SUM = r"(?:金额|标准|费用?|资金|收费|补贴|补助|津贴|工资|押金|低保|奖励|奖金|奖|救助|薪水|身价|以奖代补)"
# What 多少 and 几 count where it is not money.
_OTHER_UNITS = r"(?:天|日|号|个?月|年|次|人|个|名|位|家|所|级|小时|周|点|时|张|条|处|成|岁|百分)"


@dataclass(frozen=True, slots=True)
class Ask:
    """A kind of answer. `question` finds it in a `plain` question, `answer` in a clause.

    `wanted` is what a refusal calls it. One that `counts` is answered only by a sentence that says
    what its figure is of.
    """

    name: str
    wanted: str
    question: re.Pattern[str]
    answer: re.Pattern[str]

    @property
    def counts(self) -> bool:
        return self.name in _COUNTING

    def is_answered_by(self, text: str) -> bool:
        return bool(self.answer.search(plain(text)))


def _ask(name: str, wanted: str, question: str, answer: str) -> Ask:
    return Ask(name, wanted, re.compile(question), re.compile(answer))


_COUNTING = frozenset({"money", "people", "count", "places", "share", "learning_hours", "figure"})

# Order matters: the first kind that fits is the one that is asked for.
ASKS: tuple[Ask, ...] = (
    _ask(
        "person",
        "具体是哪一位",
        r"(厅长|局长|院长|主任|站长|所长|理事长|委员|书记|市长|县长|负责人|经办人|联系人|老板).{0,3}(是谁|是哪[个位]|叫什么|叫啥|姓什么|姓啥|手机|电话|微信|换了谁)|谁是.{0,8}(厅长|局长|院长|站长|所长|市长|主任|书记|老板)|(负责人|院长|局长|老板)(姓什么|贵姓)|"
        r"(社工|医生|护士|老师|院长|主任).{0,3}(叫什么|叫啥|姓什么|姓啥|男的|女的|是男|年纪|多大|结婚|几岁|帅|漂亮)",
        r"(?!)",
    ),
    _ask(
        "telephone",
        "电话号码",
        r"(电话|热线|手机号|号码|联系方式|座机).{0,4}(多少|是什么|是啥|几号|给我|发我|告诉|有吗|哪个|$)|(打|拨)(什么|哪个)(电话|号)?|打几号|"
        r"怎么联系|电话号码",
        r"(?<!\d)(1[0-9]{10}|\d{3,4}[-—－]\d{7,8}|12345|12356|120|110|12333|12393)(?!\d)",
    ),
    _ask(
        "website",
        "网址",
        r"网址|网站(是|在)|什么网(址|站)|哪个网|二维码|下载",
        r"https?:|www\.",
    ),
    _ask(
        "app",
        "在哪个小程序",
        r"哪个(小程序|app|公众号|平台)|(小程序|公众号|app)(叫|是)什么",
        r"小程序|公众号|app|平台|微信|支付宝",
    ),
    _ask(
        "hours",
        "几点到几点",
        r"几点(?!意见|建议)|周末(开|上|有|休)|(开门|关门|下班|营业|上班)时间|(开门|关门|下班|营业)(不|吗|没)|节假日(开|上|休)|(今天|明天|后天|现在)(还)?(上班|开门|开不开|上不上班|休息|放假)",
        r"\d{1,2}[:：点时]\d{0,2}(?!候)|\d+小时|上午|下午",
    ),
    _ask(
        "route",
        "怎么走",
        r"几路(车|公交)|怎么坐(公交|地铁|车)|坐什么车|导航|哪条(路|街)|(到|去|从).{1,12}怎么走|在什么(路|街)",
        r"(?!)",
    ),
    _ask(
        "share",
        "具体比例",
        rf"(占|达到?|要到|比例|率)[^，。？?]{{0,6}}({_MANY}|几成|是什么)|百分之(几|多少)|多少个?(百分|比例)|有{_MANY}能|多少(比例|百分)|几成|多大比例|比例(目标|要求|$)|[一二三四五六七八九]成(?!了|为|立|熟|功)|\d%",
        r"\d+(\.\d+)?\s*%|百分之|分之[一二三四五]|[一二三四五六七八九半]成",
    ),
    _ask(
        "learning_hours",
        "多少小时",
        rf"({_MANY}|几|{_NUMERAL})个?(小时|学时|课时|钟头)|(上|学|培训)多少(课|时间)?|(学时|课时)(要求|规定)",
        rf"{_NUMERAL}\s*个?(小时|学时|课时)",
    ),
    _ask(
        "people",
        "具体人数",
        rf"({_MANY}|(有|要|需要|一共|共|来|还有|帮过|服务了?|前面|排着)几)(个|名|位|号)?(病人|患者|人(?!家)|医生|护士|社工|员工|服务对象|名)|人数(是|有)?多少",
        r"\d[\d.,]*\s*(万|余|多)*\s*(名|人|位|例)|[二三四五六七八九十百千万]{2,}余?(名|人)|占\d+%|\d+%以上的?(居家)?(患者|人|对象)|成得到",
    ),
    _ask(
        "ratio",
        "一个人带几个",
        r"(带|管|看|住|配)几(个|名|位)|每(个|家|间)[^，,]{0,6}有?几(个|名|位)",
        r"每[^，,。]{0,8}(配备|不少于|不超过)[^，,。]{0,6}\d+(名|人)",
    ),
    _ask(
        "places",
        "床位数",
        rf"({_MANY}|几)(张|个)?床|床位(还有|多少|数)",
        rf"{_NUMERAL}\s*张",
    ),
    _ask(
        "count",
        "具体数目",
        rf"({_MANY}|(?<!这)几)(家|所|间|个(站|机构|点|县|区|市|康复)|县|区|市)|{_MANY}个|{_MANY}(机构|医院)|(数量|总数)(是|有)?多少|一共多少|几个(站|机构)",
        rf"{_NUMERAL}\s*(家|所|处)(?!长|属|庭)|{_NUMERAL}\s*个(?=[^，,。]{{0,12}}(机构|站|点|中心|县|区))|(%|成)以上的?县|所有县",
    ),
    _ask(
        "reimbursed",
        "能报多少",
        r"报销?(多少|几成|百分之|比例)|报得了多少|能报多少",
        rf"\d+(\.\d+)?%|百分之|{_NUMERAL}元",
    ),
    _ask(
        "money",
        "具体多少钱",
        rf"{_MANY}(钱|元|块|万|费用|押金|工资)|几(块(?!地)|十块|百|千|万|毛|多钱|个钱)(?!人|名|户|家|个)|什么价|价钱|"
        rf"{_SUM}[^，。？?]{{0,10}}({_MANY}(?!{_OTHER_UNITS})|几(?!{_OTHER_UNITS}|项|种|类|回|趟|样|笔))|"
        rf"(给|发|领|交|拿|补|收|奖|罚|挣|赚|涨)(得?了?|到|个)?{_MANY}(?!{_OTHER_UNITS})|"
        rf"{_MANY}(补贴|补助|奖|收费|低保)|(补贴|补助|津贴|低保|收费|工资)的?标准(是|呢|$)|{_SUM}.{{0,12}}(贵不贵|贵吗|有没有{_NUMERAL}|{_NUMERAL}还是)",
        rf"{_NUMERAL}(元|块钱|万元)",
    ),
    _ask(
        "days",
        "要多少天",
        rf"{_MANY}(天|日|个?工作日)|(?<![看放开歇托住替顾带待走离休玩])几(天|日(?!常)|个?工作日)",
        rf"{_NUMERAL}\s*(个?工作日|日内|天|日(?!间|常|子|托))|当天|随时|立即|即时",
    ),
    _ask(
        "months",
        "要多长时间",
        rf"({_MANY}|几)个月",
        rf"{_NUMERAL}\s*个月|长期",
    ),
    _ask(
        "years",
        "要几年",
        rf"({_MANY}|几)年(?!级|前)",
        rf"{_NUMERAL}\s*年(左右|内|时间|期)?(?!度|龄|老|底|终|代|前|来|第)|长期",
    ),
    _ask(
        "list",
        "全部名单",
        r"(分别|都)是?(叫)?(哪些|什么)名字|名单(在|有|发|给|和|$)",
        r"(?!)",
    ),
    _ask(
        "when",
        "具体时间",
        r"(多久|好久(?=[^没不]{0,12}$)|多长时间|什么时候|啥时候|哪天|哪个月|哪一年|几月|几号|什么时间|何时|时候之前|时间(是|有)?限)",
        rf"{_NUMERAL}\s*(个工作日|日内|天|日|个月|年|周|小时|分钟|月|次)|当[天日月]|随时|立即|及时|定期|按月|期满|每年|长期|前|后",
    ),
    _ask(
        "address",
        "详细地址",
        r"地址(是|在|给|发|有)?(哪|什么|多少|我|吗|$)|具体地址|详细地址|哪个位置|和地址",
        r"[\u4e00-\u9fff]+(路|街|大道|巷)\d*号?",
    ),
    _ask(
        "figure",
        "这个数",
        rf"{_MANY}(?!数)|(?<![哪这那好过])几(层|楼|间|栋|台|辆|顿|平|斤|粒|瓶|次|回|趟|遍|岁|批|期|门|节)",
        r"\d|[一两二三四五六七八九十百千万]+\s*(个|名|人|位|家|所|次|回|遍|天|日|岁|成|小时|元|张|倍|层|间)",
    ),
)


_PART = re.compile(r"[^，,。.；;！!？?、\s]+")
_ASKS_SOMETHING = re.compile(
    r"吗|呢|么|什么|啥|怎|咋|哪|谁|几|多少|多久|是否|何时|如何|(.)[不没]\1|能不能|有没有|[不没]$|合理|可以|行"
)
# How much, but asked is whether it must be said: 收多少写不写, 要不要公开收多少.
_TO_BE_SAID = re.compile(
    r"写明|写清|写明白|公不公[开示]|(是不是|是否|必须|应该)[要得]?(写|公开|公示|贴|列)|(写|公开|公示|说|告诉|贴|讲|列)(不|没)(写|公开|公示|说|告诉|贴|讲|列)|(写|公开|公示|贴).{0,4}吗"
)


def ask_of(question: str) -> Ask | None:
    """The kind of answer a `plain` question wants, or `None` where any sentence may answer.

    What counts is the last part of the sentence that asks: 要交几百块，又不给看，合理吗.
    """
    parts = [part for part in _PART.findall(question) if _ASKS_SOMETHING.search(part)]
    asking = parts[-1] if parts else question
    if _TO_BE_SAID.search(asking):
        return None
    return next((ask for ask in ASKS if ask.question.search(asking)), None)
