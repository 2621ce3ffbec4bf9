"""How the family pages say things: short and warm, as one would say it aloud."""

from __future__ import annotations

STEP_WORDS = {
    "submit": "申请交上来了",
    "claim": "社工开始看申请",
    "return_for_correction": "社工请您补充",
    "resubmit": "您补充好了",
    "accept_for_assessment": "初审通过了",
    "withdraw": "申请撤回了",
}
"""Steps that a family sees on the timeline; the office's own notes are not among them."""
