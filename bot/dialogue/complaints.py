"""Complaints in the conversation: told, followed, answered to. Before Rasa, which never reads them.

Whatever is said in one is confidential: the messages and the replies are left out of the
conversation that social workers read, and emptied where the complaint is anonymous.
"""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select

from bot.casework.complaints import actions, drafts, queries, reading, words
from bot.casework.complaints.models import Complaint, ComplaintDraft
from bot.delivery.outbox import Draft
from bot.dialogue import form
from bot.dialogue.models import InboxMessage
from bot.dialogue.turn import Turn
from bot.nlu import model
from bot.nlu.intents import outside
from bot.safety import medication, screen

ASK_WHAT = (
    "您说吧，遇到了什么事？您说的只有督导看，机构的人和办您家事情的社工都看不到。\n"
    "人正被打、被关着、受了伤，请马上打110或120。"
)
ASK_WHOM = "是哪家机构、什么人、什么时候的事？知道多少说多少；不想说，回复“跳过”。"
HEARD = "您说的我记下了。"
ASK_MANNER = "最后一件：这件投诉怎么写？"
_NAMED = "写我的名字，办到哪一步告诉我"
_CONFIDENTIAL = "保密，只有督导知道是我"
_ANONYMOUS = "匿名，谁也不知道是我"
MANNER_CHOICES = {
    _NAMED: "named",
    _CONFIDENTIAL: "confidential",
    _ANONYMOUS: "anonymous",
}
MORE_HEARD = "这句也记下了。"
LODGED = (
    "投诉交给督导了，编号{number}，查询码{code}。\n"
    "{day}前告诉您受不受理，受理后60天内答复。想问办到哪了，回复“查投诉”。"
)
LODGED_ANONYMOUS = (
    "投诉交给督导了。您刚才的话已经从我们的对话里抹掉，我也不知道是谁说的。\n"
    "请把这两样记在纸上，丢了就查不到：编号{number}，查询码{code}。\n"
    "想问办到哪了，把编号和查询码一起发来。{day}前定受不受理，受理后60天内答复。"
)
DROPPED = "好的，不投诉了，刚才说的我没有留。想投诉时再说“投诉”。"
KEPT = "您要投诉的事我先记下了，回复“投诉”接着说，只有督导看得到。"
NONE_KNOWN = "您这里没有写了名字的投诉。匿名的请把编号和查询码一起发来。"
NOT_FOUND = "没有查到。请把编号（TS开头）和查询码一起发来，看看有没有写错。"
THANKS = "谢谢您告诉我们。这件投诉办结了。"
AGAIN = "好的，督导会再查一次，60天内答复您。"
NOT_AGAIN = f"对不起，还是没能让您满意。{words.ELSEWHERE}"
GLAD = "那就好。以后有事随时跟我说。"
TROUBLE_HEARD = "我马上告诉督导，会有人来管。人有危险请打110。发生了什么，可以回复“投诉”告诉我。"
STILL_THERE = "刚才的申请给您留着，想接着填回复“继续”。"

_BARE = re.compile(
    r"(?:我|俺)?(?:想|要|得|来)*(?:投诉|举报|反映(?:个)?(?:问题|情况)|告状)(?:监督|一下|机构|他们|人)?(?:吧|啊|呀)?"
)
_DROP = re.compile(r"(?:算了|不(?:投诉|说|告|讲|弄)了|取消(?:投诉)?|返回|退出|重来|不用了)(?:吧)?")
_SKIP = re.compile(r"(?:跳过|不想说|不知道|不清楚|没有了?|说完了|就这些|不说|不方便说?)")
_FOLLOW = re.compile(
    r"(?:查|看|问)(?:一?下)?(?:我的)?投诉(?:的?进度|到哪一?步了?|结果)?|(?:我的)?投诉(?:到哪一?步了?|进度|结果|有结果了?吗?|怎么样了)"
)
_ASIDE = re.compile(r"(?:找|转)?(?:人工|社工)|帮助|菜单|继续")
_MANNERS = (
    ("anonymous", re.compile("匿名|不写名|别写名|不要写名|不留名|不署名")),
    ("confidential", re.compile("保密|别(?:让|叫)|不要让")),
    ("named", re.compile("名字|实名|具名|署名|写名")),
)  # fmt: skip
_SURE = 0.75
_SHORTEST = 2


def take(turn: Turn) -> bool:
    """Take a message that belongs to a complaint; True when the turn ends here."""
    said = _plain(turn.text)
    if not said:
        return False
    if _verdict(turn, said) or _trouble(turn, said) or _followed(turn, said):
        return True
    draft = drafts.open_draft(turn.session, contact_id=turn.contact.id, now=turn.now)
    if draft is not None and draft.asked != "later":
        return _go_on(turn, draft, said)
    if _BARE.fullmatch(said):
        start(turn)
        return True
    return False


def hear(turn: Turn) -> bool:
    """Begin a complaint where the model is sure of one: then Rasa never reads its words."""
    if form.waits_for_answer(form.application_of(turn)) or not _is_complaint(turn.text):
        return False
    start(turn)
    return True


def start(turn: Turn) -> None:
    """Begin a complaint with this message, or go on with the one kept for later."""
    draft = drafts.open_draft(turn.session, contact_id=turn.contact.id, now=turn.now)
    _leave_the_form(turn)
    if draft is None:
        draft = drafts.begin(turn.session, contact_id=turn.contact.id, now=turn.now)
    _keep(turn, draft)
    if not _BARE.fullmatch(_plain(turn.text)):
        _tell(turn, HEARD)
        _add_what(draft, turn.text)
    _ask(turn, draft)


def keep_for_later(turn: Turn) -> None:
    """What is complained about in a message that is mainly about something else."""
    draft = drafts.begin(turn.session, contact_id=turn.contact.id, now=turn.now)
    if not _BARE.fullmatch(_plain(turn.text)):
        _add_what(draft, turn.text)
    draft.asked = "later"
    _tell(turn, KEPT)


def keep_after_danger(turn: Turn) -> None:
    """A danger told in the middle of a complaint belongs to it; the danger is answered first."""
    draft = drafts.open_draft(turn.session, contact_id=turn.contact.id, now=turn.now)
    if draft is None or draft.asked == "later":
        return
    _add_what(draft, turn.text)
    draft.asked = "later"
    turn.drafts.append(Draft(KEPT, purpose="crisis", apart=True))


def _go_on(turn: Turn, draft: ComplaintDraft, said: str) -> bool:
    if _DROP.fullmatch(said):
        drafts.drop(turn.session, contact_id=turn.contact.id)
        turn.message.confidential = True
        _tell(turn, DROPPED)
        return True
    if _ASIDE.fullmatch(said) or _is_something_else(turn, draft):
        draft.asked = "later"
        return False
    _keep(turn, draft)
    if draft.asked == "what":
        if not _BARE.fullmatch(said) and len(said) >= _SHORTEST:
            _add_what(draft, turn.text)
    elif draft.asked == "whom":
        draft.about_whom = "" if _SKIP.fullmatch(said) else turn.text
    else:
        manner = MANNER_CHOICES.get(turn.text) or _manner(said)
        if manner is not None:
            _lodge(turn, draft, manner)
            return True
        _add_what(draft, turn.text)
        _tell(turn, MORE_HEARD)
    _ask(turn, draft)
    return True


def _ask(turn: Turn, draft: ComplaintDraft) -> None:
    """The next question: what, where and who, in which manner."""
    if draft.about_what is None:
        draft.asked = "what"
        _tell(turn, ASK_WHAT)
    elif (
        draft.about_whom is None and reading.institution_in(turn.session, draft.about_what) is None
    ):
        draft.asked = "whom"
        _tell(turn, ASK_WHOM)
    else:
        draft.asked = "manner"
        _tell(turn, ASK_MANNER, choices=tuple(MANNER_CHOICES))


def _lodge(turn: Turn, draft: ComplaintDraft, manner: str) -> None:
    assert draft.about_what is not None
    danger = screen(f"{draft.about_what}\n{draft.about_whom or ''}").level
    complaint, code = actions.lodge(
        turn.session,
        about_what=draft.about_what,
        about_whom=draft.about_whom or None,
        manner=manner,
        urgent=danger in ("imminent", "risk"),
        contact_id=turn.contact.id,
        source_key=turn.source,
        now=turn.now,
    )
    if manner == "anonymous":
        _empty(turn, draft.message_ids)
    drafts.drop(turn.session, contact_id=turn.contact.id)
    words_of = LODGED_ANONYMOUS if manner == "anonymous" else LODGED
    _tell(
        turn,
        words_of.format(number=complaint.number, code=code, day=words.day(complaint.decide_by)),
    )
    application = form.application_of(turn)
    if application is not None and application.paused:
        _tell(turn, STILL_THERE)


def _empty(turn: Turn, message_ids: list[int]) -> None:
    """Take the words out of the messages: an anonymous complaint leads back to nobody."""
    for message in turn.session.scalars(
        select(InboxMessage).where(InboxMessage.id.in_(message_ids))
    ):
        message.payload = {
            key: "" if key in ("content", "recognition") else value
            for key, value in message.payload.items()
        }
        message.meant = None


def _verdict(turn: Turn, said: str) -> bool:
    """Whether the answer is enough; asked once, and answered in the words that were offered."""
    satisfied = said in (words.SATISFIED, "挺满意", "很满意", "满意的")
    if not satisfied and not said.startswith("不满意"):
        return False
    complaint = queries.waits_for_verdict(turn.session, contact_id=turn.contact.id)
    if complaint is None:
        return False
    turn.message.confidential = True
    if satisfied:
        actions.say_satisfied(turn.session, complaint=complaint, by=turn.by, now=turn.now)
        _tell(turn, THANKS)
        return True
    again = actions.say_not_satisfied(turn.session, complaint=complaint, by=turn.by, now=turn.now)
    if said not in (_plain(words.NOT_SATISFIED), "不满意"):
        actions.add_words(
            turn.session, complaint=complaint, text=turn.text, by=turn.by, now=turn.now
        )
    _tell(turn, AGAIN if again else NOT_AGAIN)
    return True


def _trouble(turn: Turn, said: str) -> bool:
    trouble = said == _plain(words.TROUBLE)
    if not trouble and said != _plain(words.NO_TROUBLE):
        return False
    complaint = queries.waits_for_trouble(turn.session, contact_id=turn.contact.id)
    if complaint is None:
        return False
    turn.message.confidential = True
    actions.say_trouble(
        turn.session, complaint=complaint, trouble=trouble, by=turn.by, now=turn.now
    )
    _tell(turn, TROUBLE_HEARD if trouble else GLAD)
    return True


def _followed(turn: Turn, said: str) -> bool:
    """How far a complaint is: one's own, or that of a number and its code."""
    asked = queries.number_in(turn.text)
    if asked is None and not _FOLLOW.fullmatch(said):
        return False
    turn.message.confidential = True
    if asked is None:
        found = list(queries.own(turn.session, contact_id=turn.contact.id))
        nothing = NONE_KNOWN
    else:
        complaint = queries.followed(turn.session, asked, contact_id=turn.contact.id)
        found, nothing = [complaint] if complaint else [], NOT_FOUND
    for complaint in found:
        _tell(turn, queries.progress(complaint, now=turn.now))
        _verdict_wanted(turn, complaint)
    if not found:
        _tell(turn, nothing)
    return True


def _verdict_wanted(turn: Turn, complaint: Complaint) -> None:
    if complaint.state == "answered" and complaint.contact_id == turn.contact.id:
        _tell(turn, words.SATISFIED_QUESTION, choices=(words.SATISFIED, words.NOT_SATISFIED))


def _is_something_else(turn: Turn, draft: ComplaintDraft) -> bool:
    """Another matter is begun: it is answered, and the complaint waits.

    What is told of medicine belongs to the complaint only while it is being told.
    """
    if turn.text in MANNER_CHOICES or _manner(_plain(turn.text)) is not None:
        return False
    if draft.asked == "manner" and medication.check(turn.text) is not None:
        return True
    if draft.asked == "whom" or reading.institution_in(turn.session, turn.text) is not None:
        return False
    try:
        parsed = model.current().parse(turn.text)
    except model.NoModel:
        return False
    return parsed.confidence >= _SURE_OF_ELSE and outside(parsed.intent) in _ELSE


_SURE_OF_ELSE = 0.9
_ELSE = (
    "apply_rehab",
    "check_status",
    "policy",
    "disability_cert",
    "employment",
    "reminder_set",
    "reminder_change",
    "reminder_cancel",
)


def _is_complaint(text: str) -> bool:
    """The model is sure: then the words stay here, and Rasa never reads them."""
    try:
        chances = dict(model.current().parse(text).topics)
    except model.NoModel:
        return False
    return chances.get("complaint", 0.0) >= _SURE


def _keep(turn: Turn, draft: ComplaintDraft) -> None:
    """This message is part of the complaint."""
    turn.message.confidential = True
    draft.message_ids = [*draft.message_ids, turn.message.id]
    draft.updated_at = turn.now


def _add_what(draft: ComplaintDraft, text: str) -> None:
    draft.about_what = text if draft.about_what is None else f"{draft.about_what}\n{text}"


def _manner(said: str) -> str | None:
    if said in ("1", "2", "3"):
        return list(MANNER_CHOICES.values())[int(said) - 1]
    for manner, sign in _MANNERS:
        if sign.search(said):
            return manner
    return None


def _leave_the_form(turn: Turn) -> None:
    application = form.application_of(turn)
    if application is not None:
        application.paused = True


def _tell(turn: Turn, text: str, *, choices: tuple[str, ...] = ()) -> None:
    turn.drafts.append(Draft(text, choices, purpose="complaint"))


def _plain(text: str) -> str:
    return re.sub(r"[\s。！!，,、.~～？?]", "", unicodedata.normalize("NFKC", text))
