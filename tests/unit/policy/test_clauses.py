"""Clauses follow a document's own structure, cover its whole text and keep every character."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.documents import Clause, ClauseKind, DocumentError, ParsedDocument, read_document
from tests.unit.policy import files

OWN = {path.stem: read_document(path) for path in sorted(files.DOCUMENTS.glob("*.txt"))}


def body(document: ParsedDocument) -> list[str]:
    """Paths of what may answer, each once."""
    clauses = [clause for clause in document.clauses if clause.kind is ClauseKind.BODY]
    return list(dict.fromkeys(clause.path for clause in clauses))


def read(*paragraphs: str) -> ParsedDocument:
    return read_document("\n".join(paragraphs).encode(), "a.txt", region="510400")


def clause(document: ParsedDocument, beginning: str) -> Clause:
    return next(item for item in document.clauses if item.text.startswith(beginning))


TREES = {
    "wrapped_plan": "引言 一 二(一)1 二(一)2 二(二)3 二(二)4 二(二)5 二(二)6 二(三)7 二(三)8 二(三)9 "
    "二(三)10 二(三)11 二(三)12 二(四)13 二(四)14 三(一) 三(二) 三(三) 三(四) 四(一) 四(二)",
    "page_broken_opinion": "引言 一(一) 一(二) 二(一) 二(二) 二(三) 二(四) 三(一) 三(二) 三(三)",
    "institution_notice": "引言 一 二 三 四 五 六 七",
    "articles_with_amounts": "引言 第一条 第二条 第三条 第四条 第五条(一) 第五条(二) 第六条 第七条 "
    "第八条 第九条(一) 第九条(二) 第九条(三) 第十条 第十一条",
    "reply_with_two_series": "第1段 第2段 第2段一是 第2段二是 第2段三是 第2段四是 第3段 第3段一是 "
    "第3段二是 第3段三是 第3段四是 第3段五是 第4段",
}


@pytest.mark.parametrize("name", TREES)
def test_paths(name: str) -> None:
    assert body(OWN[name]) == TREES[name].split()


@pytest.mark.parametrize("name", TREES)
def test_every_character_is_kept_in_some_clause(name: str) -> None:
    document = OWN[name]
    raw = (files.DOCUMENTS / f"{name}.txt").read_text(encoding="utf-8")
    squeeze = re.compile(r"\s|\*\*")
    assert squeeze.sub("", document.text) == squeeze.sub("", raw)
    assert_covers(document)


def assert_covers(document: ParsedDocument) -> None:
    end = 0
    for item in document.clauses:
        assert document.text[item.start : item.end] == item.text
        assert document.text[end : item.start] in {"", "\n"}
        end = item.end
    assert end == len(document.text)
    keys = [item.key for item in document.clauses]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("name", "title", "number", "day", "region"),
    [
        (
            "wrapped_plan",
            "贵州省民政厅等2部门关于印发《贵州省“同行计划”实施方案》的通知",
            "黔测民〔2023〕9号",
            date(2023, 4, 12),
            "520000",
        ),
        (
            "page_broken_opinion",
            "关于印发《遵义市精神障碍居家患者关爱服务的实施意见》的通知",
            "遵测民发〔2022〕31号",
            date(2022, 8, 20),
            "520300",
        ),
        (
            "reply_with_two_series",
            "大同市民政局关于对市人大十六届二次会议第12号建议的答复",
            None,
            date(2024, 5, 16),
            "140200",
        ),
    ],
)
def test_what_a_document_says_of_itself(
    name: str, title: str, number: str | None, day: date, region: str
) -> None:
    document = OWN[name]
    assert (document.title, document.number, document.date) == (title, number, day)
    assert document.region == region
    if number is None:
        assert any("没有找到文号" in doubt for doubt in document.doubts)


def test_validity_is_only_what_the_text_says() -> None:
    validity = OWN["articles_with_amounts"].validity
    assert (validity.starts, validity.ends) == (date(2024, 3, 1), date(2029, 3, 1))
    assert OWN["wrapped_plan"].validity.ends is None


def test_what_is_not_a_rule_does_not_answer() -> None:
    kinds = {item.kind for item in OWN["reply_with_two_series"].clauses}
    assert {ClauseKind.ADDRESSEE, ClauseKind.CONTACT, ClauseKind.COPIES} <= kinds
    assert clause(OWN["reply_with_two_series"], "（联系人").kind is ClauseKind.CONTACT


def test_a_paragraph_without_marker_belongs_to_the_one_above() -> None:
    found = [c.key for c in OWN["page_broken_opinion"].clauses if c.path == "二(一)"]
    assert found == ["二(一)~1", "二(一)~2", "二(一)~3", "二(一)~4"]


def test_a_sentence_broken_by_a_page_is_whole_again() -> None:
    text = clause(OWN["page_broken_opinion"], "给予监护奖励").text
    assert text.endswith("具体标准由县（市、区）自行确定。")


def test_both_kinds_of_brackets_give_one_path() -> None:
    document = read(*files.NOTICE[:4], "一、甲", "(一)半角括号的一项。", "（二）全角括号的一项。")
    assert body(document) == ["引言", "一(一)", "一(二)"]


def test_annexes_number_anew() -> None:
    document = read(
        *files.NOTICE[:4],
        "一、按附件办理，不得走样，确保落实到位。",
        "测试市民政局",
        "2024年3月5日",
        "附件1：",
        "心灵驿站管理办法",
        "一、每天上午九点开门。",
        "附件2：",
        "申请表填写说明",
        "一、用黑色笔填写，字迹清楚。",
    )
    assert body(document) == ["引言", "一", "附件1一", "附件2一"]


def test_numbers_that_run_on_through_the_parts_are_no_gap() -> None:
    head = files.NOTICE[:4]
    running = read(
        *head, "一、甲", "1.甲的第一项。", "二、乙", "2.接着编号的一项。", *files.NOTICE[8:]
    )
    assert not any("编号" in doubt for doubt in running.doubts)
    gap = read(*head, "一、甲甲甲甲。", "三、丙丙丙丙。", *files.NOTICE[8:])
    assert any("编号可能不连续" in doubt for doubt in gap.doubts)


def test_series_need_not_begin_a_paragraph_and_start_anew_in_each() -> None:
    document = read(
        *files.NOTICE[:4],
        "一、我们做了这些事：一是建了三个站点，都在社区里面；二是请了十位老师，每天都来。",
        "二、还要做这些事：一是再建两个站点，放在山区乡镇；二是教家属认识复发的前兆。",
    )
    assert body(document) == ["引言", "一", "一一是", "一二是", "二", "二一是", "二二是"]


def test_is_and_not_is_no_series() -> None:
    document = read(*files.NOTICE[:4], "一、这里统一是否开放由各县决定，第一是指首次。")
    assert body(document) == ["引言", "一"]


_WORDS = st.text(alphabet="民政患者康复社区（）《》“”、一二三是，；：12年月日 \u3000", max_size=40)
_LINES = st.lists(
    st.one_of(
        _WORDS,
        st.builds(
            lambda mark, text: mark + text + "。",
            st.sampled_from(
                ["一、", "二、", "（一）", "(二)", "1.", "第三条 ", "一是", "附件：", "第一章 "]
            ),
            _WORDS,
        ),
    ),
    max_size=30,
)


@given(_LINES)
def test_whatever_the_lines_are_no_character_is_lost(lines: list[str]) -> None:
    raw = "\n".join([*files.NOTICE, *lines])
    try:
        document = read_document(raw.encode(), "a.txt", region="")
    except DocumentError:
        return
    assert_covers(document)
    page_numbers = re.compile(r"(?m)^[-—–－―·•\s]*\d{1,3}[-—–－―·•\s]*$")
    squeezed = re.sub(r"\s", "", page_numbers.sub("", raw))
    kept = re.sub(r"\s", "", document.text)
    # A bare number at the edge of the text may be a page number; nothing else goes.
    assert kept == squeezed or kept == re.sub(r"\s", "", raw)
    assert ParsedDocument.from_dict(json.loads(json.dumps(document.to_dict()))) == document
