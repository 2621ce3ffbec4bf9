"""Reading a plan: an everyday sentence about medicine or appointments made into plans.

`read` gives the plans, `PlanReading.to_contract` their published form, `read_back` the words in
which the bot repeats them before it starts. Conventions: docs/plan-reading.md.
"""

from bot.care.reading.plan import PlanReading, Step
from bot.care.reading.readback import read_back
from bot.care.reading.reader import read

__all__ = ["PlanReading", "Step", "read", "read_back"]
