"""An office on a busy morning, for pictures and for a look at long names and many rows.

Nobody of them exists.
"""

from __future__ import annotations

from bot.casework import cases
from bot.casework import conversation as ownership
from bot.casework.models import Staff
from bot.delivery.models import OutboxMessage, SendAttempt
from tests.conftest import MovableClock
from tests.integration.console.office import Office

NAMES = (
    "测试甲",
    "假名乙",
    "示例·阿卜杜热合曼·测试江",
    "虚构丙",
    "欧阳测试",
    "试测",
    "无名戊",
    "演示己",
    "样例庚",
    "代号辛",
)
COUNTIES = ("350203", "350211", "510403", "410923", "540122")
QUESTION = "想问一下，我儿子出院以后在家不肯吃药，晚上也不睡觉，社区康复能不能管？离家近一点的。"
RETURN = "请告诉我们监护人的姓名和电话，最好今天下午五点前。"


def busy_morning(office: Office, clock: MovableClock) -> dict[str, int]:
    """Fill the office; returns ids: ``case`` in review, ``new`` unclaimed, ``crisis`` ticket."""
    li = office.staff("limei", name="测试李梅")
    office.staff("wang", name="测试王社工")
    office.staff("dudao", role="supervisor", name="测试督导")
    office.staff("admin", role="administrator", name="测试管理员")
    office.staff("audit", role="auditor", name="测试审计")
    clock.move(days=-4)
    for number in range(28):
        openid = f"o-busy-{number}"
        office.says(openid, "我要申请社区康复")
        office.case(
            openid,
            NAMES[number % len(NAMES)],
            telephone=f"1380000{number:04d}",
            county=COUNTIES[number % len(COUNTIES)],
            guardian="given" if number % 3 else None,
        )
        clock.move(hours=2)
    clock.move(hours=-20)
    chosen = _talked_about(office, clock, li)
    crisis = office.ticket(
        "o-busy-3", "crisis", urgency="urgent", summary="他刚才拿着刀说不想活了，我拦不住"
    )
    office.says("o-busy-3", "他刚才拿着刀说不想活了，我拦不住")
    office.ticket("o-busy-5", "ask_human", urgency="soon", summary="想找个人问问药费能报多少")
    office.ticket(None, "complaint", urgency="soon", summary="机构的人说话很凶")
    office.ticket("o-busy-7", "undelivered", urgency="soon", summary="您的申请有人接手了")
    clock.move(hours=5)
    office.ticket("o-busy-8", "medication", urgency="urgent", summary="漏吃了两天的药，手抖")
    return {"case": chosen, "new": 28, "crisis": crisis}


def _talked_about(office: Office, clock: MovableClock, li: Staff) -> int:
    openid = "o-busy-2"
    office.says(openid, QUESTION)
    clock.move(minutes=1)
    office.answers(
        openid,
        "收到了，示例的申请已经交给社工。\n接下来：社工先看申请，看过会联系您。",
        state="sent",
        channel="passive",
        settled_at=office.now,
    )
    clock.move(minutes=30)
    by = f"staff:{li.id}"
    with office.transaction() as session:
        case = cases.claim_case(session, case_id=3, version=1, staff=li, by=by, now=office.now)
        contact_id = case.contact_id
        cases.add_note(
            session,
            case_id=3,
            note="妈妈声音很累，约了明天下午打电话。\n邻居也打过电话来，先不回。",
            by=by,
            now=office.now,
        )
    clock.move(minutes=10)
    with office.transaction() as session:
        ownership.reply_as_staff(
            session,
            contact_id=contact_id,
            owner_version=0,
            staff=session.get_one(Staff, li.id),
            text="您好，我是负责的社工。您说的情况我看到了，明天下午三点给您打电话，方便吗？",
            by=by,
            now=office.now,
        )
    _settle(office, contact_id)
    clock.move(minutes=8)
    office.says(openid, "方便的方便的，谢谢你们😊 他现在睡着了")
    clock.move(minutes=3)
    with office.transaction() as session:
        ownership.reply_as_staff(
            session,
            contact_id=contact_id,
            owner_version=1,
            staff=session.get_one(Staff, li.id),
            text="好的，您也早点休息。",
            by=by,
            now=office.now,
        )
    return 3


def _settle(office: Office, contact_id: int) -> None:
    """What waits for the contact has arrived, but for the first, which WeChat refused."""
    with office.transaction() as session:
        rows = session.query(OutboxMessage).filter_by(contact_id=contact_id, state="queued")
        for number, row in enumerate(rows.order_by(OutboxMessage.id)):
            errcode = 45047 if number == 0 else 0
            session.add(
                SendAttempt(
                    outbox_message_id=row.id,
                    channel="customer_service",
                    started_at=office.now,
                    ended_at=office.now,
                    errcode=errcode,
                )
            )
            row.state = "failed" if errcode else "sent"
            row.reason = "no_window" if errcode else None
            row.settled_at = office.now
