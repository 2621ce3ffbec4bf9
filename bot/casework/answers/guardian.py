"""Who the guardian is: 我就是, 他爸, 没有, 村委会."""

from __future__ import annotations

import re

from bot.casework.answers.kin import kin_pattern, role_of_kin
from bot.casework.answers.model import Guardian, Relation
from bot.casework.answers.questions import is_question

_APPLICANT = re.compile(
    r"^[\s]*(?:是|就是|当然是|肯定是|目前是|现在是)?(?:我|我自己|我本人|本人|俺|我来|我啊|我呀|就是我|我当)(?:是|就是|呀|啊|的|在|呢|来|当|做|吧|哦|一直是)*[\s。.!！,，]*$|"
    r"(?:我|本人|俺)(?:自己|本人)?(?:就)?(?:是|做|当|担任)(?:他|她|患者|孩子|病人)?(?:的)?(?:法定)?监护人|监护人(?:就)?是(?:我|本人|俺)(?:自己|本人)?(?!妈|爸|哥|姐|弟|妹|老|爱|丈|妻|儿|女|叔|姑|舅|爷|奶|公|婆|们|家|的|父|母|媳)|"
    r"我(?:自己)?监护|我在监护|[和跟与同、]我[。.!！\s]*$|^我[和跟与同、]|(?:我|俺)(?:和|跟|同).{1,4}(?:都是|一起|两个)"
)
_NONE = re.compile(
    r"没有?(?:指定|定|选|办)?(?:监护人|人管|人监护|法定监护人)|无监护人|^(?:没有|没|无|没得|没人|没有?指定|没办过)[的了啊呀。\s]*$|没人(?:管|当|愿意)|都不愿意?当|还没(?:办|定|指定|选)|监护人(?:去世|没了|不在了|过世)"
)
_UNKNOWN = re.compile(
    r"不知道|不清楚|不晓得|不(?:太|大)?懂|不明白|搞不清|不太清楚|不确定|没办过|不知"
)
_COMMITTEE = re.compile(r"村[里上]|村委会?|居委会?|民政局?|社区|街道|福利院|机构|单位")


_SAID = re.compile(
    r"监护人(?:那里)?(?:就)?(?:是|为|写|填|改成)(?P<after>[^，,。；;\s]{1,8})|"
    r"(?P<before>[^，,。；;\s]{1,8}?)(?:就)?是(?:他|她|患者|孩子|我.)?(?:的)?(?:法定)?监护人"
)


def read_guardian(text: str, *, asked: bool) -> Guardian | None:
    """The guardian, only if asked or if the message speaks of one. Questions name nobody."""
    text = re.sub(r"^(?:是的|对的?|嗯+|恩)[，,\s]+", "", text.strip())
    if not asked:
        said = _SAID.search(text)
        if said is None or is_question(text):
            return None
        text = (said["after"] or said["before"]).strip()
    if re.search(
        r"[?？]|吗$|谁|怎么|什么|算不算|是不是|责任险|补贴|要不要|能不能|可以(?:当|做)", text
    ):
        return None
    if _NONE.search(text):
        return Guardian("none")
    if _APPLICANT.search(text):
        return Guardian("applicant")
    if _UNKNOWN.search(text):
        return Guardian("unknown")
    return _other(text)


def _other(text: str) -> Guardian | None:
    kin = kin_pattern()
    if re.search(r"(?:他|她|患者|孩子)(?:的)?(?:父母|爸妈|爹妈|双亲)|^(?:父母|爸妈)", text):
        return Guardian("other", Relation.PARENT, "父母")
    his = re.search(rf"(?:他|她|患者|病人|孩子|娃儿?)(?:的)?(?:亲)?(?P<role>{kin})", text)
    if his:
        relation, term = role_of_kin(his["role"])
        return Guardian("other", relation, term)
    mine = re.search(rf"(?:我|俺|咱|我们|我家)(?:的|家)?(?P<kin>{kin})", text)
    if mine:
        _, term = role_of_kin(mine["kin"])
        return Guardian("other", None, f"我的{term}")
    if bare := re.fullmatch(
        rf"(?:是|由)?(?P<role>{kin})(?:在?监护|是|当|做|负责|管着|在管|啊|呀|的|吧)*[\s。.!！]*",
        text,
    ):
        relation, term = role_of_kin(bare["role"])
        return Guardian("other", relation, term)
    if office := _COMMITTEE.search(text):
        return Guardian("other", Relation.COMMITTEE, office.group())
    return None
