"""Reading what people answer in the application, in everyday Chinese. Pure functions.

    read_answers("我弟弟，34岁，思明区的", asked=Field.RELATION, today=today)

fills relation, birth and county at once. `model` holds the shapes, `reader` puts the parts together,
each other module reads one sort of answer.
"""

from bot.casework.answers.decisions import read_command
from bot.casework.answers.model import (
    Answers,
    Birth,
    Command,
    Consent,
    Decision,
    Field,
    Guardian,
    HospitalAdvice,
    Kinship,
    Problem,
    Reading,
    Reason,
    Relation,
    ServiceForm,
    ServiceForms,
)
from bot.casework.answers.reader import read_answers

__all__ = [
    "Answers",
    "Birth",
    "Command",
    "Consent",
    "Decision",
    "Field",
    "Guardian",
    "HospitalAdvice",
    "Kinship",
    "Problem",
    "Reading",
    "Reason",
    "Relation",
    "ServiceForm",
    "ServiceForms",
    "read_answers",
    "read_command",
]
