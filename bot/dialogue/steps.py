"""What the bot does for each intent. One function a topic; Rasa's actions call nothing else.

Whatever cannot be answered becomes a ticket, and the family is told so, truthfully.
"""

from __future__ import annotations

import re
import unicodedata

from bot.casework import applications, listing
from bot.casework.answers import Command, read_command
from bot.casework.tickets import open_ticket
from bot.delivery.outbox import Draft
from bot.dialogue import (
    complaints,
    crisis,
    form,
    form_words,
    medication,
    policy,
    shortcuts,
    submitted,
)
from bot.dialogue.turn import Step, Turn
from bot.nlu.intents import outside
from bot.safety import check, medication_reply

HUMAN = (
    "好的，已经叫社工了，看到就会在这里回复您。"
    "社工不是整天都在线，急事请直接打电话；人有危险打110或120。"
)
HUMAN_AGAIN = "您的话已经补充给社工了，请等一等，社工看到就回复。"
CAREGIVER = (
    "一天一天扛下来，真的太不容易了。您也是人，会累、会烦，都正常，不是您不好。\n"
    "要不要让社工给您打个电话，帮着想想办法，哪怕先歇半天？我已经和社工说了。"
    "夜里想找人说说话，可以打12356心理热线。"
)
REMINDERS = (
    "想定提醒，一句话告诉我：什么药、几点、一次多少。比如：奥氮平，睡前一片。\n"
    "复诊、打针、取药也行，比如：下周三上午9点复诊。"
)
GREEN_CHANNEL = (
    "人要是有危险、拦不住，先打120或110，别等。\n"
    "我已经马上告诉社工，请社工帮着尽快送医（这叫绿色通道），会和您联系。有没有床位，要医院来定。"
)
EMPLOYMENT = (
    "想做事是好事。能做什么、适合去哪里，要社工先和他聊聊、看看身体情况。"
    "已经转给社工了，会联系您；工作能不能成，我不敢替人打包票。"
)
ELIGIBILITY = (
    "能不能参加，要社工了解了情况、问过本人愿不愿意，再和你们一起定，我不能替他们答应。"
    "报名是自愿的，先填个申请就行，什么时候想退都可以。"
)
MATERIALS = "现在什么材料都不用交，在这里回答十来个问题就算报名了。要带什么，社工看过申请再告诉您。"
WHO_I_AM = "我是小康，一个自动程序，不是真人。会做的事：\n" + shortcuts.WHAT_I_CAN
HELLO = "您好，我是小康，一个自动程序。\n" + shortcuts.WHAT_I_CAN
THANKS = "不客气。有事随时跟我说。"
NO_DIAGNOSIS = (
    "是不是病、是什么病，我不能判断，要请精神科医生看。需要的话回复“人工”，社工告诉您去哪里看。"
)
OUT_OF_SCOPE = "这个我帮不上，对不起。\n" + shortcuts.WHAT_I_CAN
SECOND_MISS = (
    "还是没听懂，是我笨，不怪您。要不要请社工来？回复“人工”就行。\n" + shortcuts.WHAT_I_CAN
)
ERASE_DONE = "好的，没交上去的申请都删掉了。"
ERASE_TO_STAFF = "已经交给社工的申请和记录，我请社工来删，删好了在这里告诉您。"
NOTHING_TO_ERASE = "您这里没有我记下的申请内容。"
NOTHING_OPEN = "现在没有正在填的申请。要我做什么，直接说就行。"
UNTIL_LATER = "好的。想起什么，随时跟我说。"
HELLO_AGAIN = "您好，我在。"
HELLO_OPEN = "您好，我是小康，一个自动程序。您家的申请现在是这样："
WORRIED = (
    "听您这么说，我有点担心。现在有人有危险吗？有的话马上打110或120，不要一个人等。"
    "心里难受可以打12356，有人听您说。我也已经告诉社工了。"
)
HERE = "我在。有事直接说；想看看我会什么，回复“帮助”。"
GO_ON = "好的。还有什么要我做的，直接说就行。"
MISSES_BEFORE_PERSON = 2
LONGEST_NOISE = 5
"""Characters; who writes more wanted something, even if nobody can tell what."""


def respond(turn: Turn) -> None:
    """Do what the intent asks for."""
    if submitted.answers_returned_application(turn):
        turn.contact.misses = 0
        submitted.pass_on_correction(turn)
        return
    step = _step_for(turn)
    if step is not not_understood:
        turn.contact.misses = 0
    step(turn)


def answer_beside(turn: Turn) -> None:
    """Answer a wish that does not lead its message: nothing is asked, no form is left for it."""
    turn.contact.misses = 0
    step = _step_for(turn)
    if outside(turn.intent) == "missed_dose":
        drug_question(turn)
    elif step is human:
        call_person(turn)
    elif step is complaint:
        complaints.keep_for_later(turn)
    else:
        step(turn)


def _step_for(turn: Turn) -> Step:
    misheard = turn.intent == "deny" and _MISHEARD.search(turn.text)
    if misheard or (turn.intent == "noise" and len(turn.text) > LONGEST_NOISE):
        return not_understood
    topic = outside(turn.intent)
    return BY_FINE_INTENT.get(turn.intent) or BY_TOPIC.get(topic, not_understood)


def command(turn: Turn) -> bool:
    """Words that work everywhere and need no understanding; True when the turn ends here.

    While a form's question is open, the form reads going back and stopping itself.
    """
    words = re.sub(r"[\s。！!，,.~～]", "", unicodedata.normalize("NFKC", turn.text))
    step = _COMMANDS.get(words)
    if step is None and not form.waits_for_answer(form.application_of(turn)):
        said = read_command(turn.text, asked=False)
        step = _OUTSIDE_A_FORM.get(said) if said is not None else None
    if step is None:
        return False
    turn.contact.misses = 0
    step(turn)
    return True


def medicine_by_rule(turn: Turn) -> bool:
    """Answer what the fixed rules about medicine know; True when the turn ends here."""
    if not medication.answer(turn):
        return False
    turn.contact.misses = 0
    application = form.application_of(turn)
    if application is None:
        return True
    if _died(turn):
        form.leave(turn, application)  # nothing more is asked, not today and not later
    elif not application.paused:
        form.ask_next(turn, application)
    return True


def medicine_in_a_complaint(turn: Turn) -> None:
    """The fixed words about medicine, before what the complaint asks next.

    Without a ticket of their own: nothing of a complaint goes where social workers read.
    """
    concern = check(turn.text)
    if concern is None or concern.kind not in _OF_THE_WRITER:
        return
    said = [Draft(part) for part in medication_reply(concern)]
    turn.drafts = [*said, *turn.drafts]


_OF_THE_WRITER = (
    "deceased",
    "side_effect",
    "missed_dose",
    "extra_dose",
    "self_reduction",
    "self_stop",
    "hide_in_food",
)
"""What the writer may be about to do; the rest a complaint tells of others."""


def _died(turn: Turn) -> bool:
    concern = check(turn.text)
    return concern is not None and concern.kind == "deceased"


def go_on(turn: Turn) -> None:
    """Go on with the application that was left."""
    application = form.application_of(turn)
    if application is None:
        turn.say(NOTHING_OPEN)
        return
    form.start(turn)
    form.ask_next(turn, application, in_full=True)


def human(turn: Turn) -> None:
    """A person is wanted: what is open in the form waits meanwhile."""
    call_person(turn)
    application = form.application_of(turn)
    if application is not None and not application.paused:
        application.paused = True
        turn.say("刚才的申请给您留着，想接着填回复“继续”。")


def call_person(turn: Turn) -> None:
    """A ticket, and the truth about when somebody answers."""
    waiting = turn.contact.owner == "queued"
    _ticket(turn, "ask_human", "soon")
    if not waiting:
        turn.contact.owner = "queued"
        turn.contact.owner_version += 1
    turn.say(HUMAN_AGAIN if waiting else HUMAN)


def complaint(turn: Turn) -> None:
    """Take a complaint; only supervisors whom it does not concern will read it."""
    if crisis.is_past(turn.text):
        return  # 以前那家机构打人: over, and asked about gently already
    complaints.start(turn)


def caregiver(turn: Turn) -> None:
    _ticket(turn, "caregiver", "soon")
    turn.say(CAREGIVER)


def green_channel(turn: Turn) -> None:
    _ticket(turn, "green_channel", "urgent")
    turn.say(GREEN_CHANNEL)


def employment(turn: Turn) -> None:
    _ticket(turn, "employment", "normal")
    turn.say(EMPLOYMENT)


def reminders(turn: Turn) -> None:
    """A reminder is wanted, and nothing that could be read was said of it."""
    if not medication.answer(turn):
        turn.say(REMINDERS)


def drug_question(turn: Turn) -> None:
    """A missed dose, a side effect: the fixed safe answer, and a person hears of it."""
    if not medication.answer(turn):
        medication.answer_in_general(turn)


def apply(turn: Turn) -> None:
    form.start(turn)


def erase(turn: Turn) -> None:
    """Delete the draft at once; what staff already work on is deleted by them."""
    application = form.application_of(turn)
    if application is not None:
        applications.erase_draft(turn.session, application=application, by=turn.by, now=turn.now)
        turn.say(ERASE_DONE)
    if listing.cases_of_contact(turn.session, contact_id=turn.contact.id):
        _ticket(turn, "erasure", "soon")
        turn.say(ERASE_TO_STAFF)
    elif application is None:
        turn.say(NOTHING_TO_ERASE)


def stop(turn: Turn) -> None:
    """Nothing more is wanted now. Inside the form, the form reads the word itself."""
    application = form.application_of(turn)
    turn.say(UNTIL_LATER if application is None else UNTIL_LATER + form_words.KEPT)


def menu(turn: Turn) -> None:
    """Back to the beginning: what can be done here."""
    turn.say(shortcuts.WHAT_I_CAN)


def start_over(turn: Turn) -> None:
    """Begin again: with an empty form where one was left, else with what can be done here."""
    application = form.application_of(turn)
    if application is None:
        menu(turn)
        return
    applications.erase_draft(turn.session, application=application, by=turn.by, now=turn.now)
    form.start(turn)
    application = form.application_of(turn)
    assert application is not None
    form.ask_next(turn, application)


def nod(turn: Turn) -> None:
    """A yes or no that answers no question."""
    turn.say(GO_ON)


def noise(turn: Turn) -> None:
    """哦, ？, 1234: nothing is wanted, and nothing went wrong."""
    turn.say(HERE)


def deceased(turn: Turn) -> None:
    """The patient has died: condolences, no question, and a person hears of it."""
    if not medication.answer(turn):
        medication.condole(turn)
    application = form.application_of(turn)
    if application is not None:
        form.leave(turn, application)


def crisis_words(turn: Turn) -> None:
    """The model hears danger where the screening heard none: a person is told, gently."""
    _ticket(turn, "crisis", "urgent")
    turn.say(WORRIED)


def hello(turn: Turn) -> None:
    """A greeting is answered with what is open, where something is."""
    application = form.application_of(turn)
    if form.waits_for_answer(application) and not form.is_idle(turn):
        turn.say(HELLO_AGAIN)  # the form's question follows
    elif application is not None and application.asked is not None:
        application.paused = True
        label = form.next_label(turn, application)
        turn.say(form_words.GO_ON.format(label=label), choices=shortcuts.GO_ON_OR_NOT)
    elif handed := submitted.handed_over(turn):
        turn.say(HELLO_OPEN)
        for one in handed[: submitted.SHOWN_AT_MOST]:
            turn.say(submitted.where_it_stands(one.case))
    else:
        turn.say(HELLO)


def who_are_you(turn: Turn) -> None:
    turn.say(WHO_I_AM)


def thanks(turn: Turn) -> None:
    turn.say(THANKS)


def diagnosis(turn: Turn) -> None:
    turn.say(NO_DIAGNOSIS)


def out_of_scope(turn: Turn) -> None:
    turn.say(OUT_OF_SCOPE)


def not_understood(turn: Turn) -> None:
    """One question with choices; after two misses a person is offered."""
    turn.contact.misses += 1
    if turn.contact.misses >= MISSES_BEFORE_PERSON:
        turn.say(SECOND_MISS)
        return
    turn.say(
        "我没太听懂，您是想：",
        choices=("我要申请康复", "到哪一步了", "问政策补贴", "我要投诉", "找人工"),
    )


def topic_to_staff(turn: Turn) -> None:
    """A policy question: answered from the documents, or handed to a person."""
    policy.answer(turn)


def eligibility(turn: Turn) -> None:
    """ "能收吗": from the documents; else what is true everywhere, and the way to begin."""
    _answer_or(turn, ELIGIBILITY)


def materials(turn: Turn) -> None:
    """ "要带什么": from the documents; else that nothing is needed to begin."""
    _answer_or(turn, MATERIALS)


def _answer_or(turn: Turn, otherwise: str) -> None:
    if policy.knows(turn):
        policy.answer(turn)
    else:
        turn.say(otherwise, choices=(shortcuts.MENU_TEXTS["apply"], shortcuts.MENU_TEXTS["human"]))


def _ticket(turn: Turn, kind: str, urgency: str) -> int:
    return open_ticket(
        turn.session,
        source_key=f"{turn.source}:{kind}",
        kind=kind,
        urgency=urgency,
        summary=turn.text,
        by=turn.by,
        now=turn.now,
        contact_id=turn.contact.id,
    )


_MISHEARD = re.compile(
    "不是(?:这个|那个|说这|问这)|(?:问|说|要)的不是|听错|搞错|弄错|答非所问|不对"
)

BY_TOPIC: dict[str, Step] = {
    "apply_rehab": apply,
    "check_status": submitted.status,
    "policy": topic_to_staff,
    "reminder_set": reminders,
    "reminder_change": reminders,
    "reminder_cancel": reminders,
    "missed_dose": drug_question,
    "side_effect": drug_question,
    "complaint": complaint,
    "ask_human": human,
    "caregiver_stress": caregiver,
    "respite": topic_to_staff,
    "employment": employment,
    "disability_cert": topic_to_staff,
    "green_channel": green_channel,
    "crisis": crisis_words,
    "out_of_scope": out_of_scope,
}
"""What each outside intent calls for."""
BY_FINE_INTENT: dict[str, Step] = {
    "apply_eligibility": eligibility,
    "apply_materials": materials,
    "apply_withdraw": submitted.withdraw,
    "apply_edit": submitted.pass_on_correction,
    "erase_my_data": erase,
    "greet": hello,
    "thanks": thanks,
    "bot_identity": who_are_you,
    "illness_question": diagnosis,
    "noise": noise,
    "patient_died": deceased,
    "affirm": nod,
    "deny": nod,
    "go_back": menu,
    "stop": stop,
    "start_over": start_over,
    "nlu_fallback": not_understood,
}
"""Where a fine intent wants something else than its topic."""
_COMMANDS: dict[str, Step] = {
    "人工": human,
    "找人工": human,
    "转人工": human,
    "人工服务": human,
    "删除我的信息": erase,
    "删除信息": erase,
    "继续": go_on,
    "接着填": go_on,
    "帮助": who_are_you,
    "菜单": menu,
    "你是机器人吗": who_are_you,
    "你是真人吗": who_are_you,
}
_OUTSIDE_A_FORM: dict[Command, Step] = {
    Command.BACK: menu,
    Command.PAUSE: stop,
    Command.RESTART: start_over,
}
