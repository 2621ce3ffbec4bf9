"""What the hospital advised, and which forms of service are wanted."""

from __future__ import annotations

import re

from bot.casework.answers.model import HospitalAdvice, ServiceForm, ServiceForms
from bot.casework.answers.numerals import number
from bot.casework.answers.questions import is_question

_CLAUSE = re.compile(r"[，,。；;！!\n]+")

_DOCTOR = r"(?:医生|大夫|医院|主任|护士|教授|专家|主治|出院小结|出院记录|出院证明|病历|小结|单子|院方|那边|他们|精防|社区医生)"
_AGAINST = re.compile(
    rf"{_DOCTOR}?.{{0,8}}(?:不建议|不让|不同意|不可以|不能|还不行|暂时不行|不适合|不合适|还得住院|要住院|得住院|让住院|再住|继续住院|(?:别|莫|不要)(?:去|参加|来|做)|反对|没好|还在住院|没到时候)"
)
_NOT_MENTIONED = re.compile(
    r"没(?:有)?(?:说|提|讲|讲过|告诉|建议|写|交代|叫|安排|人说)|没听|没[^，,。说提讲]{0,4}(?:说|提|讲)|也没不|不看医生|没去看|没有医生|没(?:有)?(?:看过|去过|住过)|未提|没提过|从来没|啥也没说|什么也?都?没说|(?:只|光|就)(?:说|讲|叫|让|开)|没住过院|没看医生|没去医院|"
    r"没有(?:的)?(?:建议|说法)|没咋说|没怎么说"
)
_UNKNOWN = re.compile(
    r"不知道|不(?:太|大|是很)?(?:清楚|知道|了解|记得)|不晓得|记不[得清]|记不住|忘了|忘记|想不起来?|不太清楚|搞不清|不懂|没注意|没问|没有问|没去问|不了解|说不好|说不清|不确定|晓不得"
)
_ADVISED = re.compile(
    r"(?:可以|能|建议|让|叫|要|推荐|介绍|同意|说|写|提|交代|安排|鼓励|点头|适合|转到?|应该|开了|喊|讲).{0,8}(?:社区|康复|回家|居家|机构|做做|训练|锻炼|日间|托养|慢慢养|参加|融入|精康)|"
    r"(?:小结|病历|单子|证明|医嘱|纸)[上里]?.{0,6}(?:写|有|注明|说|提)|(?:点头|说过|提过|讲过|建议过|推荐过|写了|有写|说了|建议了|有建议|给写了|有提到|开了单)|"
    rf"{_DOCTOR}.{{0,4}}(?:(?:说|讲|提)(?:了|过|的|可以|能)|(?:建议|推荐|让|叫|要求|喊)(?!按时|吃药|住院))"
)
_YES_ALONE = re.compile(
    r"^(?:(?:好像|应该|大概|似乎|以前|之前)?(?:有|有的|有啊|说过|说了|提过|讲过|建议过|建议了|写了|是|是的|对|嗯+|有说|有提|有写|可以|医生建议|建议|说可以|说的|有过|有说过)[的了啊呀哦嗯一嘴下次,，\s]*)+$"
)
_NO_ALONE = re.compile(
    r"^(?:好像|应该|大概|似乎|貌似|目前)?(?:没有?|没得|无|没说|没提|冇|不曾|没有过|没|没呢|还没有?|否)[的了啊呀哦呢\s]*$"
)
_NAMED_DOCTOR = re.compile(
    r"医生|大夫|医院|(?<![区村])主任|护士|教授|专家|主治|出院小结|出院记录|出院证明|病历|医嘱"
)


def read_hospital_advice(text: str, *, asked: bool) -> HospitalAdvice | None:
    """What a doctor said of community rehabilitation; without being asked only if one is named."""
    text = text.strip(" 。.!！,，")
    if not asked and not (_NAMED_DOCTOR.search(text) and re.search(r"社区|康复|回家|居家", text)):
        return None
    if asked and _NO_ALONE.match(text):
        return HospitalAdvice.NOT_MENTIONED
    if asked and _YES_ALONE.match(text):
        return HospitalAdvice.ADVISED
    if is_question(text):
        return None
    if not asked and not re.search(
        rf"{_DOCTOR}.{{0,10}}(?:说|讲|建议|推荐|让|叫|写|没|提|同意|开)", text
    ):
        return None
    if _AGAINST.search(re.sub(r"没有?不(?:让|同意|建议)", "", text)) and (
        asked or re.search(r"社区|康复", text)
    ):
        return HospitalAdvice.ADVISED_AGAINST
    if _NOT_MENTIONED.search(text):
        return HospitalAdvice.NOT_MENTIONED
    if asked and _UNKNOWN.search(text):
        return HospitalAdvice.UNKNOWN
    if _ADVISED.search(text) and (asked or re.search(r"社区|康复|回家|居家", text)):
        return HospitalAdvice.ADVISED
    return None


_FORMS: tuple[tuple[ServiceForm, str], ...] = (
    (ServiceForm.DAY, r"日间|日托|白天.{0,4}地方|有个地方(?:可以|能)?去|白天(?:能|可以|想|要)?(?:去|到|送|有人|在|过去|托|照)|日照|天天去|每天去|去(?:你们)?(?:中心|站|那里|那边)|到中心|到站|早上送|送到|接回|接送|托养|日料|去机构|送过去|送去|康复站"),
    (ServiceForm.HOME, r"居家|在家(?!属)|家里(?:待|呆|做|康复|训练|就行|比较)|宅家|呆在?家|待在?家|屋头(?:做|搞|就)"),
    (ServiceForm.PEER_SUPPORT, r"同伴|同辈|陪(?:他|她)?(?:聊|说话|玩)|病友|伙伴|有人陪(?:他|她)?(?:说话|聊|玩)|跟(?:别人|其他人|大家|同样|一样的人)|一起(?:活动|玩|聊)|交朋友|小组活动|过来人|有伴|搭伴|接触(?:别人|外人|外面|社会|人)|[和跟]人接触|有人说话|[和跟]人说话|打交道"),
    (ServiceForm.FAMILY_EXCHANGE, r"家庭交流|家属(?:课堂|班|活动|交流|会|互助|学习|培训|小组|支持|联谊|群)|家长(?:交流|会|互助|课|群)|家庭(?:互助|支持|联谊)|照顾者(?:交流|互助)|家属之间|家长之间|联谊|跟别的家属|和别的家属|家人交流"),
    (ServiceForm.OUTREACH, r"上门|走访|家访|来家里|到家里?来|来我家|来屋头|下乡|巡回|到家(?:服务|看|走)|来看看(?:他|她|我们)?|派人来|入户|下来看"),
)  # fmt: skip
_REFUSED = re.compile(
    r"(?:不要|不用|不是|别|不想|不需要|不能|不方便|不去|不太想|除了|莫|免|没法|去不了|不适合|不喜欢|不肯|不敢|怕)"
)
_ANY = re.compile(
    r"都(?:可以|行|好|要|成|中|愿意|参加|想|选)|随便|随意|哪[个种]好就?(?:选|要)?哪[个种]|看着(?:定|选|来)|定就行|[让由]社工|无所谓|你们(?:安排|定|看着|决定|推荐|说了算)|听你们|看你们|看着(?:办|安排)|全(?:都)?要|^全部|全选|哪个都|哪种都|怎么都|怎样都|啥都行|什么都(?:行|可以)|按你们|服从安排|由你们|都ok"
)
_FORMS_UNKNOWN = re.compile(
    r"不知道|不清楚|不懂|不了解|啥意思|什么意思|没听过|不晓得|不明白|不会选|搞不懂|晓不得|没想好|不定|没定|不确定|区别"
)
_ORDINAL = re.compile(r"(?:第)?([1-6一二三四五六①②③④⑤⑥])(?:个|种|项|号)?")
_ONLY_ORDINALS = re.compile(
    r"^(?:先|就|选|要|第|我选|我要|和|跟|与|、|，|,|\s|\+|个|种|项|号|吧|都|[1-6一二三四五六①②③④⑤⑥])+$"
)
_ORDINALS = {
    sign: n for signs in ("123456", "一二三四五六", "①②③④⑤⑥") for n, sign in enumerate(signs)
}


def read_service_forms(text: str, *, asked: bool) -> ServiceForms | None:
    """Wanted and unwanted forms.

    When asked, numbers count in the order of `ServiceForm`; the number after the last means any.
    """
    text = text.strip()
    if asked and _ONLY_ORDINALS.match(text) and (numbers := _ORDINAL.findall(text)):
        order = list(ServiceForm)
        chosen = tuple(dict.fromkeys(_ORDINALS[n] for n in numbers))
        if len(order) in chosen:
            return ServiceForms(any_form=True)
        return ServiceForms(tuple(order[n] for n in chosen))
    if asked and (
        some := re.fullmatch(r"(?:就)?(?:前|头)([两二三四])[个项种](?:吧|都要|就行)?", text)
    ):
        return ServiceForms(tuple(ServiceForm)[: number(some[1])])
    wanted: list[ServiceForm] = []
    unwanted: list[ServiceForm] = []
    for clause in _CLAUSE.split(text):
        for form, pattern in _FORMS:
            match = re.search(pattern, clause)
            if match is None:
                continue
            refused = _REFUSED.search(
                clause[max(0, match.start() - 5) : match.start()]
            ) or re.match(
                r"(?:服务|的|活动)?(?:就)?(?:不要|不用|不行|不方便|不需要|算了|免了|不去|不了)",
                clause[match.end() :],
            )
            target = unwanted if refused else wanted
            if form not in target:
                target.append(form)
    if not asked:
        return ServiceForms(tuple(wanted), tuple(unwanted)) if _explicit(text, wanted) else None
    wanted = [form for form in wanted if form not in unwanted]
    if wanted or unwanted:
        return ServiceForms(
            tuple(wanted), tuple(unwanted), any_form=bool(_ANY.search(text) and not wanted)
        )
    if _ANY.search(text):
        return ServiceForms(any_form=True)
    if re.match(r"^(?:好|可以|行|都)[的吧啊]*$", text):
        return None
    return ServiceForms(unknown=True) if _FORMS_UNKNOWN.search(text) else None


_OFFICIAL = re.compile(
    r"日间康复|日间服务|居家康复|居家服务|同伴支持|家庭交流|上门(?:服务|走访|康复)|走访"
)
_WISHED = re.compile(r"想|要|申请|改|参加|选|报|服务方式")
_SHORT = 8


def _explicit(text: str, wanted: list[ServiceForm]) -> bool:
    """Without being asked only the official words count, and only where something is wished."""
    wished = len(text) <= _SHORT or _WISHED.search(text)
    return bool(wanted and wished and _OFFICIAL.search(text)) and not is_question(text)
