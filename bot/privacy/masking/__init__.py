"""Hide personal data in a message before it reaches Rasa or a log.

    mask("他叫王测试，电话13800000000").text  →  "他叫〔姓名〕，电话〔电话〕"

The order of the files: digits, accounts, names and addresses each find one sort of data in any
text; `answers` says what more to hide when a question for it was asked; `engine` puts them
together. Pure, no database.
"""

from bot.privacy.masking.engine import TOKENS, Found, Kind, KnownValue, Masked, mask

__all__ = ["TOKENS", "Found", "Kind", "KnownValue", "Masked", "mask"]
