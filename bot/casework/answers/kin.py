"""Words for relatives, and who stands in which relation to somebody called so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.casework.answers.model import Gender, Relation

R = Relation


@dataclass(frozen=True, slots=True)
class Term:
    """A word for a relative, as the applicant calls the patient."""

    name: str
    """How it is written back to the family."""
    relation: Relation
    """Who the applicant is to somebody called so."""
    gender: Gender | None


_CALLED: tuple[tuple[Relation, Gender | None, str, str], ...] = (
    (R.PARENT, "male", "儿子", "儿子 大儿子 小儿子 大儿 小儿 二儿子 独生子 独子 幺儿 崽 崽崽 崽儿 男娃 仔 后生仔 继子 养子 干儿子 犬子"),
    (R.PARENT, "female", "女儿", "女儿 大女儿 小女儿 二女儿 闺女 姑娘 大姑娘 妮儿 妮子 妮 丫头 囡囡 囡 女娃 幺女 幺妹儿 查某囝 继女 养女 干女儿"),
    (R.PARENT, None, "孩子", "孩子 孩儿 小孩 小孩子 娃 娃儿 娃娃 小娃 囝 囝仔 细伢子 细伢 伢子 伢 细仔 细佬哥 小朋友"),
    (R.SPOUSE, "male", "丈夫", "老公 丈夫 先生 当家的 掌柜的 男人 外头人 我家那口子男 前夫 翁婿"),
    (R.SPOUSE, "female", "妻子", "老婆 妻子 媳妇 媳妇儿 太太 堂客 婆娘 屋里头的 屋里头那个 屋里头 屋里的 屋里人 内人 婆姨 前妻 牵手 老婆子"),
    (R.SPOUSE, None, "爱人", "爱人 老伴 老伴儿 配偶 那口子 另一半"),
    (R.CHILD, "male", "父亲", "爸 爸爸 父亲 爹 老爸 老爹 老爷子 阿爸 阿爹 爹爹 老汉儿 老豆 继父 后爸 后爹 养父 干爹 伯爷"),
    (R.CHILD, "female", "母亲", "妈 妈妈 母亲 娘 老妈 老娘 阿妈 阿母 老母 妈咪 老太太 继母 后妈 后娘 养母 干妈"),
    (R.SIBLING, "male", "哥哥", "哥 哥哥 大哥 二哥 三哥 四哥 小哥 阿哥 阿兄 老哥 兄长 亲哥"),
    (R.SIBLING, "male", "弟弟", "弟 弟弟 大弟 二弟 三弟 小弟 老弟 弟娃 阿弟 小弟弟 亲弟弟 亲弟 老幺"),
    (R.SIBLING, "male", "兄弟", "兄弟"),
    (R.SIBLING, "female", "姐姐", "姐 姐姐 大姐 二姐 三姐 四姐 老姐 阿姐 阿姊 姊 姊姊 亲姐"),
    (R.SIBLING, "female", "妹妹", "妹 妹妹 大妹 二妹 三妹 小妹 老妹 妹子 阿妹 小妹妹 亲妹妹"),
    (R.GRANDCHILD, "male", "爷爷", "爷爷 祖父 阿公 爷 外公 姥爷 外祖父 嗲嗲"),
    (R.GRANDCHILD, "female", "奶奶", "奶奶 祖母 阿嬷 阿婆 奶 外婆 姥姥 外祖母 家婆 嘎嘎"),
    (R.GRANDPARENT, "male", "孙子", "孙子 大孙子 小孙子 孙儿 外孙 外孙子 孙"),
    (R.GRANDPARENT, "female", "孙女", "孙女 大孙女 孙女儿 外孙女"),
    (R.OTHER_RELATIVE, "male", "", "叔 叔叔 大叔 小叔 伯 伯伯 大伯 伯父 二伯 舅 舅舅 大舅 小舅 姑父 姑丈 姨父 姨丈 姨夫 侄子 侄儿 外甥 表哥 表弟 "
     "堂哥 堂弟 姐夫 妹夫 女婿 岳父 老丈人 丈人 公公 小舅子 小叔子 大伯子 连襟 表叔 堂叔 侄孙"),
    (R.OTHER_RELATIVE, "female", "", "姑 姑姑 姑妈 大姑 小姑 姨 姨妈 大姨 小姨 阿姨 婶 婶婶 婶子 舅妈 伯母 大娘 侄女 外甥女 表姐 表妹 堂姐 堂妹 嫂子 嫂 "
     "大嫂 弟媳 弟妹 弟媳妇 儿媳 儿媳妇 岳母 丈母娘 家娘 小姨子 大姑子 小姑子 大姨子 妯娌 表婶"),
    (R.OTHER_RELATIVE, None, "亲戚", "亲戚 亲属 远房亲戚"),
    (R.FRIEND, None, "", "朋友 好友 同学 老同学 同事 室友 战友 老乡 闺蜜 男朋友 女朋友 男友 女友 未婚夫 未婚妻 网友 哥们 哥们儿 工友 熟人"),
    (R.NEIGHBOUR, None, "邻居", "邻居 隔壁邻居 街坊 邻舍 厝边"),
    (R.SCHOOL, None, "学生", "学生 班上学生"),
    (R.EMPLOYER, None, "员工", "员工 工人 下属 徒弟 伙计"),
)  # fmt: skip

ROLES: tuple[tuple[Relation, str], ...] = (
    (R.COMMITTEE, "村委会 村委 居委会 居委 村干部 村支书 支书 村主任 村长 妇女主任 网格员 社区工作人员 社区干部 社区工作者 社区民警 街道办 街道 乡政府 "
     "镇政府 民政专干 民政助理 残联 残协 驻村干部 驻村工作队 派出所 民警 片警 居民组长 组长 楼长 社区书记 社区主任 村里 社区"),
    (R.PROFESSIONAL, "医生 大夫 护士 村医 家庭医生 医院 卫生院 社工 机构 精防医生 精防人员 康复师 心理咨询师 护工 保姆 护理员 养老院 福利院"),
    (R.EMPLOYER, "老板 厂长 人事 hr 工会 公司 单位 用人单位 厂里 雇主 班组长 领导"),
    (R.SCHOOL, "老师 班主任 辅导员 学校"),
    (R.OTHER, "志愿者 好心人 路人 义工 房东 记者 律师"),
)  # fmt: skip
PAIRS: dict[str, tuple[Relation, ...]] = {
    "夫妻": (R.SPOUSE,), "夫妇": (R.SPOUSE,), "两口子": (R.SPOUSE,), "两公婆": (R.SPOUSE,),
    "兄弟": (R.SIBLING,), "姐弟": (R.SIBLING,), "兄妹": (R.SIBLING,), "姐妹": (R.SIBLING,), "姊妹": (R.SIBLING,),
    "母子": (R.PARENT, R.CHILD), "母女": (R.PARENT, R.CHILD), "父子": (R.PARENT, R.CHILD), "父女": (R.PARENT, R.CHILD),
    "娘俩": (R.PARENT, R.CHILD), "爷俩": (R.PARENT, R.CHILD), "爷孙": (R.GRANDPARENT, R.GRANDCHILD),
    "祖孙": (R.GRANDPARENT, R.GRANDCHILD), "婆孙": (R.GRANDPARENT, R.GRANDCHILD), "婆媳": (R.OTHER_RELATIVE,),
    "叔侄": (R.OTHER_RELATIVE,), "舅甥": (R.OTHER_RELATIVE,), "翁婿": (R.OTHER_RELATIVE,), "妯娌": (R.OTHER_RELATIVE,),
    "亲戚": (R.OTHER_RELATIVE,), "朋友": (R.FRIEND,), "邻居": (R.NEIGHBOUR,), "同事": (R.FRIEND,), "同学": (R.FRIEND,),
}  # fmt: skip
INVERSE = {
    R.PARENT: R.CHILD,
    R.CHILD: R.PARENT,
    R.GRANDPARENT: R.GRANDCHILD,
    R.GRANDCHILD: R.GRANDPARENT,
}


@cache
def terms() -> dict[str, Term]:
    return (
        {
            word: Term(name or word, relation, gender)
            for relation, gender, name, words in _CALLED
            for word in words.split()
        }
        | _ONLY_OF_MINE
        | _ranked()
        | {word: meanings[0] for word, meanings in TWO_MEANINGS.items()}
    )


def _ranked() -> dict[str, Term]:
    """二姨, 三叔, 大表哥: by rank in the family."""
    kinds: tuple[tuple[str, Relation, Gender], ...] = (
        ("叔", R.OTHER_RELATIVE, "male"), ("伯", R.OTHER_RELATIVE, "male"), ("舅", R.OTHER_RELATIVE, "male"),
        ("姑", R.OTHER_RELATIVE, "female"), ("姨", R.OTHER_RELATIVE, "female"), ("婶", R.OTHER_RELATIVE, "female"),
        ("表哥", R.OTHER_RELATIVE, "male"), ("表弟", R.OTHER_RELATIVE, "male"), ("堂哥", R.OTHER_RELATIVE, "male"),
        ("侄子", R.OTHER_RELATIVE, "male"), ("外甥", R.OTHER_RELATIVE, "male"),
    )  # fmt: skip
    found = {
        rank + word: Term(rank + word, relation, gender)
        for word, relation, gender in kinds
        for rank in "大二三四五六小幺老"
    }
    for rank in "四五六七":
        for word, name, gender in (
            ("哥", "哥哥", "male"),
            ("弟", "弟弟", "male"),
            ("姐", "姐姐", "female"),
            ("妹", "妹妹", "female"),
        ):
            found[rank + word] = Term(name, R.SIBLING, "male" if gender == "male" else "female")
    return found


_ONLY_OF_MINE = {
    "儿": Term("儿子", R.PARENT, "male"),
    "嬷": Term("奶奶", R.GRANDCHILD, "female"),
    "某": Term("妻子", R.SPOUSE, "female"),
    "翁": Term("丈夫", R.SPOUSE, "male"),
}
"""Single characters that are a relative only after 我 or 阮 (Minnan for "my")."""

TWO_MEANINGS: dict[str, tuple[Term, Term]] = {
    "老汉": (Term("父亲", R.CHILD, "male"), Term("丈夫", R.SPOUSE, "male")),
    "老头子": (Term("丈夫", R.SPOUSE, "male"), Term("父亲", R.CHILD, "male")),
    "老头": (Term("丈夫", R.SPOUSE, "male"), Term("父亲", R.CHILD, "male")),
    "老太婆": (Term("妻子", R.SPOUSE, "female"), Term("母亲", R.CHILD, "female")),
    "妹儿": (Term("女儿", R.PARENT, "female"), Term("妹妹", R.SIBLING, "female")),
    "婆婆": (Term("婆婆", R.OTHER_RELATIVE, "female"), Term("奶奶", R.GRANDCHILD, "female")),
    "对象": (Term("爱人", R.SPOUSE, None), Term("男（女）朋友", R.FRIEND, None)),
}
"""Words that mean different relatives in different places: asked back."""


def longest_first(words: Iterable[str]) -> str:
    """A pattern of these words that prefers the longer one."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def kin_pattern() -> str:
    """A word for a relative that is not the beginning of another word."""
    whole = longest_first([word for word in terms() if word not in _ONLY_OF_MINE])
    return f"(?:(?:{whole})(?!们|童)|(?<=[我俺阮])儿(?![子童科女媳时])|(?<=[我阮])嬷|(?<=阮)[某翁])"


def role_of_kin(word: str) -> tuple[Relation, str]:
    """Who somebody called `word` by the patient is to the patient, and the plain word (爸 → 父亲)."""
    term = terms()[word]
    return INVERSE.get(term.relation, term.relation), term.name
