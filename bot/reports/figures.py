"""Figures that the offices are asked for: each defined once, here, in words and in SQL.

A figure is a list of rows, label and number, over one year or as things stand now. Its
definition is shown beside it; whoever disagrees with a number can read what was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot import places
from bot.casework.complaints.words import KINDS as COMPLAINT_KINDS
from bot.casework.stages import OUTCOMES, STAGE_NAMES
from bot.clock import LOCAL

Number = int | float | None


@dataclass(frozen=True)
class Row:
    """One line: what, how many. ``value`` is None where nothing was counted to divide by."""

    label: str
    value: Number


@dataclass(frozen=True)
class Figure:
    """One figure of a year, with its definition in a sentence."""

    key: str
    title: str
    definition: str
    unit: str
    rows: Sequence[Row]
    target: str = ""
    """What the documents aim at, with source; said to be over where the period has ended."""


@dataclass(frozen=True)
class _Definition:
    key: str
    title: str
    definition: str
    unit: str
    query: str
    """Rows of (label, value); bound: ``start``, ``end`` of the year and ``now``."""
    label: Callable[[str], str] = str
    target: str = ""


def _months(month: str) -> str:
    return f"{int(month)}月"


def _county(code: str) -> str:
    found = places.get(code)
    return found.full_name if found is not None else code


def _named(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda key: names.get(key, key)


_AIMS_OVER = "闽民事〔2023〕86号 二：2023—2025年分别{shares}（期限已过，只作参考）"

DEFINITIONS: tuple[_Definition, ...] = (
    _Definition(
        "applications",
        "每月收到的申请",
        "这一年里交上来的自愿申请，按交的月份数。",
        "份",
        """
        SELECT to_char(month, 'MM'), count(c.id)
        FROM generate_series(1, 12) AS number,
             LATERAL (SELECT make_date(:year, number, 1)::timestamp AS month) AS m
        LEFT JOIN "case" c
          ON date_trunc('month', c.submitted_at AT TIME ZONE 'Asia/Shanghai') = m.month
        GROUP BY month ORDER BY month
        """,
        label=_months,
    ),
    _Definition(
        "stages",
        "现在走到哪一步",
        "到现在为止所有的申请，按现在的阶段数。",
        "份",
        'SELECT stage, count(*) FROM "case" GROUP BY stage ORDER BY count(*) DESC, stage',
        label=_named(STAGE_NAMES),
    ),
    _Definition(
        "waiting",
        "等着转介的",
        "现在在等机构的申请，按从评估（或复核）到现在等了多久分。",
        "份",
        """
        SELECT label, count(c.id) FROM (VALUES
            (1, '一个月以内', interval '0', interval '1 month'),
            (2, '一到三个月', interval '1 month', interval '3 months'),
            (3, '超过三个月', interval '3 months', interval '100 years')
        ) AS span(position, label, least, most)
        LEFT JOIN "case" c ON c.stage = 'waiting'
          AND c.examined_at <= CAST(:now AS timestamptz) - least
          AND c.examined_at > CAST(:now AS timestamptz) - most
        GROUP BY position, label ORDER BY position
        """,
        target="超过三个月的，转介前要重新问意愿：闽民事〔2023〕86号 三(二)6",
    ),
    _Definition(
        "time_to_service",
        "从申请到开始服务",
        "这一年第一次开始服务的，从交申请到那一天的天数，取中间的一个。",
        "天",
        """
        SELECT '中位数', percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM first.at - c.submitted_at) / 86400)
        FROM (SELECT case_id, min(started_at) AS at FROM service_period GROUP BY case_id) AS first
        JOIN "case" c ON c.id = first.case_id
        WHERE first.at >= :start AND first.at < :end
        """,
    ),
    _Definition(
        "counties",
        "各县在接受服务的人",
        "这一年里至少有一天在服务期内的患者，按家在哪个县数。",
        "人",
        """
        SELECT c.county_code, count(DISTINCT c.id)
        FROM service_period p JOIN "case" c ON c.id = p.case_id
        WHERE p.started_at < :end AND (p.ended_at IS NULL OR p.ended_at >= :start)
        GROUP BY c.county_code ORDER BY count(DISTINCT c.id) DESC, c.county_code
        """,
        label=_county,
        target=_AIMS_OVER.format(shares="50%、65%、80%以上的县开展服务"),
    ),
    _Definition(
        "standard_service",
        "登记的人接受规范服务的比例",
        "分母：在国家平台登记了、这一年还没结案的患者。"
        "分子：其中这一年里有服务期，而且至少有一条家属确认过的服务记录的。",
        "%",
        """
        SELECT '比例', 100.0 * count(*) FILTER (WHERE EXISTS (
                SELECT 1 FROM service_record r
                WHERE r.case_id = g.case_id AND r.confirmed_at IS NOT NULL
                  AND r.provided_on >= CAST(:start AT TIME ZONE 'Asia/Shanghai' AS date)
                  AND r.provided_on < CAST(:end AT TIME ZONE 'Asia/Shanghai' AS date)))
            / nullif(count(*), 0)
        FROM platform_registration g
        WHERE g.registered_on < CAST(:end AT TIME ZONE 'Asia/Shanghai' AS date)
          AND (g.closed_on IS NULL
               OR g.closed_on >= CAST(:start AT TIME ZONE 'Asia/Shanghai' AS date))
        """,
        target=_AIMS_OVER.format(shares="30%、45%、60%以上"),
    ),
    _Definition(
        "outcomes",
        "结案后去了哪里",
        "这一年结案、没有再打开的，按去向数。",
        "人",
        """
        SELECT outcome, count(*) FROM closure
        WHERE at >= :start AND at < :end AND reopened_at IS NULL
        GROUP BY outcome ORDER BY count(*) DESC, outcome
        """,
        label=_named(OUTCOMES),
    ),
    _Definition(
        "relapses",
        "服务期间病情复发",
        "这一年走绿色通道的次数，按月数。",
        "次",
        """
        SELECT to_char(month, 'MM'), count(r.id)
        FROM generate_series(1, 12) AS number,
             LATERAL (SELECT make_date(:year, number, 1)::timestamp AS month) AS m
        LEFT JOIN relapse r
          ON date_trunc('month', r.at AT TIME ZONE 'Asia/Shanghai') = m.month
        GROUP BY month ORDER BY month
        """,
        label=_months,
    ),
    _Definition(
        "training",
        "一年培训满20小时的人",
        "在岗的社工、督导和机构人员里，这一年通过的培训加起来满20小时的。",
        "%",
        """
        SELECT '比例', 100.0 * count(*) FILTER (WHERE hours >= 20) / nullif(count(*), 0)
        FROM (
            SELECT s.id, coalesce(sum(t.hours), 0) AS hours
            FROM staff s LEFT JOIN training t ON t.staff_id = s.id
              AND extract(year FROM t.passed_on) = :year
            WHERE s.active AND s.role IN ('social_worker', 'supervisor', 'institution_staff')
            GROUP BY s.id
        ) AS each
        """,
        target="直接服务的人每年20小时：闽民事〔2023〕86号 三(四)13",
    ),
    _Definition(
        "complaints",
        "投诉说的是什么",
        "这一年收到的投诉，按类别数。谁投诉的、说的是谁，这里看不到。",
        "件",
        """
        SELECT kind, count(*) FROM complaint
        WHERE received_at >= :start AND received_at < :end
        GROUP BY kind ORDER BY count(*) DESC, kind
        """,
        label=_named(COMPLAINT_KINDS),
    ),
    _Definition(
        "complaint_days",
        "投诉多久答复",
        "这一年答复的投诉，从收到到答复的天数，取中间的一个。",
        "天",
        """
        SELECT '中位数', percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM answered_at - received_at) / 86400)
        FROM complaint WHERE answered_at >= :start AND answered_at < :end
        """,
    ),
    _Definition(
        "crises",
        "紧急的事多久有人接",
        "这一年的紧急工单，从写下到有人认领的分钟数，取中间的一个；没人认领的不算在内。",
        "分钟",
        """
        SELECT '中位数', percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM claimed.at - t.created_at) / 60)
        FROM ticket t
        JOIN LATERAL (
            SELECT min(a.at) AS at FROM audit_event a
            WHERE a.object_type = 'ticket' AND a.object_id = t.id AND a.action = 'ticket.claim'
        ) AS claimed ON claimed.at IS NOT NULL
        WHERE t.kind = 'crisis' AND t.created_at >= :start AND t.created_at < :end
        """,
    ),
    _Definition(
        "questions",
        "政策问题答上了没有",
        "这一年家属问的政策问题，一条话里问两件算两个。",
        "个",
        """
        SELECT CASE WHEN answered THEN '有依据答上的' ELSE '没有依据、转给社工的' END, count(*)
        FROM policy_question WHERE asked_at >= :start AND asked_at < :end
        GROUP BY answered ORDER BY answered DESC
        """,
    ),
    _Definition(
        "doses",
        "吃药提醒的结果",
        "这一年到点的每一次，按结果数：说吃了、没吃上、没有回音。暂停和改过的不算。",
        "次",
        """
        SELECT CASE state WHEN 'taken' THEN '吃了' WHEN 'skipped' THEN '没吃上' ELSE '没有回音' END,
               count(*)
        FROM dose
        WHERE due_at >= :start AND due_at < :end
          AND (state IN ('taken', 'missed') OR (state = 'skipped' AND outcome IS NOT NULL))
        GROUP BY 1 ORDER BY count(*) DESC, 1
        """,
    ),
)


def figures(session: Session, *, year: int, now: datetime) -> list[Figure]:
    """All figures of a year of the local calendar."""
    bound = {
        "year": year,
        "start": datetime(year, 1, 1, tzinfo=LOCAL),
        "end": datetime(year + 1, 1, 1, tzinfo=LOCAL),
        "now": now,
    }
    return [
        Figure(
            key=one.key,
            title=one.title,
            definition=one.definition,
            unit=one.unit,
            target=one.target,
            rows=[
                Row(one.label(label), _rounded(value))
                for label, value in session.execute(text(one.query), _needed(one.query, bound))
            ],
        )
        for one in DEFINITIONS
    ]


def _needed(query: str, bound: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in bound.items() if f":{name}" in query}


def _rounded(value: object) -> Number:
    if value is None or isinstance(value, int):
        return value
    return round(float(value), 1)  # type: ignore[arg-type]
