"""Fine intents, as the model tells them apart, and the outside intents that others rely on."""

from __future__ import annotations

OUTSIDE: dict[str, tuple[str, ...]] = {
    "apply_rehab": (
        "apply_start",  # wants to apply, for whomever
        "apply_eligibility",  # asks whether they may
        "apply_materials",  # asks what is needed
        "apply_third_party",  # reports somebody else's need
        "apply_edit",  # corrects what was answered
        "apply_resume",  # goes on with a form that was left
        "apply_withdraw",  # takes it back
        "erase_my_data",  # wants what is held to be deleted
    ),
    "check_status": ("check_status",),
    "policy": (
        "policy_subsidy",  # allowances of disabled persons
        "policy_livelihood",  # minimum living allowance and relief
        "policy_medical",  # insurance, free medicine, hospital costs
        "policy_guardian",  # guardians: who, duties, reward
        "policy_law",  # rights, hospital stay, confidentiality
        "policy_service",  # what the rehabilitation service is
        "institutions_near",  # where it is
    ),
    "reminder_set": ("reminder_set",),
    "reminder_change": (
        "reminder_change",
        "reminder_snooze",
        "reminder_query",
        "checkin_taken",  # the dose was taken
    ),
    "reminder_cancel": ("reminder_cancel", "patient_died"),
    "missed_dose": ("missed_dose", "medication_refusal"),
    "side_effect": ("side_effect", "medication_question"),
    "complaint": ("complaint",),
    "ask_human": ("ask_human",),
    "caregiver_stress": ("caregiver_stress",),
    "respite": ("respite",),
    "employment": ("employment",),
    "disability_cert": ("disability_cert",),
    "green_channel": ("green_channel",),
    "crisis": ("crisis",),
    "out_of_scope": (
        "greet",
        "thanks",
        "bot_identity",
        "illness_question",  # wants a diagnosis or a prognosis
        "off_topic",
        "noise",
        "affirm",
        "deny",
        "go_back",
        "stop",
        "start_over",
    ),
}
"""Outside intent (the names of `jingkang understand`) to the fine intents it is made of."""

_OUTSIDE_OF = {fine: name for name, fines in OUTSIDE.items() for fine in fines}


def outside(fine: str) -> str:
    """The outside intent of a fine one; what is not understood is out of scope."""
    return _OUTSIDE_OF.get(fine, "out_of_scope")
