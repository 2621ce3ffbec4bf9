from __future__ import annotations

from sqlalchemy import func, select

from bot import demo
from bot.casework import institutions
from bot.casework.institution_models import Institution
from bot.casework.models import Staff
from bot.casework.team_models import Training
from bot.installation import Installation
from tests.conftest import MovableClock
from tests.integration.casework.town import Town


def test_the_demo_can_walk_a_case_to_a_place(
    installation: Installation, clock: MovableClock
) -> None:
    for _ in range(2):
        demo.ensure_staff(installation)
    clock.move(days=366)
    demo.ensure_staff(installation)
    town = Town(installation)
    with town.transaction() as session:
        assert session.scalar(select(func.count(Institution.id))) == 1
        staff = session.scalars(select(Staff).where(Staff.username == demo.USERNAME)).one()
        assert (
            session.scalar(select(func.count(Training.id)).where(Training.staff_id == staff.id))
            == 2
        )
    town.worker = staff
    case = town.bring_to("waiting")
    with town.transaction() as session:
        [proposal] = institutions.propose_institutions(session, case=case, now=town.now)
        assert "虚构" in proposal.institution.name
