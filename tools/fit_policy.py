"""Fit the weights of the policy search again: prints them for bot/policy/ranking.py.

    python tools/fit_policy.py [--sure] [FOLDER …]

Each FOLDER (default: tests/data/policy) is laid out as tools/eval_policy.py says. With several, each
is also measured with weights fitted without it: these are the figures to believe. With --sure the
order of passages stays as it is, and only the refusal is fitted.
"""

from __future__ import annotations

import sys
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bot.policy import regions  # noqa: E402
from bot.policy.answer import LEAST_SURENESS  # noqa: E402
from bot.policy.outside import outside_of  # noqa: E402
from bot.policy.ranking import RANK_WEIGHTS, SURE_WEIGHTS, Evidence, Measures, names  # noqa: E402
from bot.policy.search import Look, looks_at  # noqa: E402
from tools.eval_policy import FOLDER, Asked, Measured  # noqa: E402

Vector = npt.NDArray[np.float64]

# A wrong answer costs more than a missing one. Weights stay small where the questions are silent.
WRONG_COSTS = 2.0
RANK_DECAY = 0.01
SURE_DECAY = 0.02


@dataclass(frozen=True)
class Case:
    """A question with its candidates: measures, evidence, whether right, whether they can answer."""

    measures: Vector
    evidence: Vector
    right: npt.NDArray[np.bool_]
    holds: npt.NDArray[np.bool_]
    answerable: bool
    outside: bool


def cases_of(measured: Measured) -> list[Case]:
    """All questions of a folder, looked at as the search does."""
    return [_case(measured, asked) for asked in (*measured.questions, *measured.unanswerable)]


def _case(measured: Measured, asked: Asked) -> Case:
    home = regions.parse(asked.region)
    question = measured.index.reader.read(asked.question, near=home or None)
    looks: list[Look] = looks_at(measured.index, question, regions.asked_for(question.places, home))
    for look in looks:
        look.quote()
    return Case(
        measures=np.array([astuple(look.measures) for look in looks], dtype=float),
        evidence=np.array([astuple(look.evidence()) for look in looks], dtype=float),
        right=np.array([measured.key(look.passage) in asked.right for look in looks], dtype=bool),
        holds=np.array([look.holds_answer for look in looks], dtype=bool),
        answerable=bool(asked.right),
        outside=outside_of(question) is not None,
    )


def fit_rank(cases: list[Case], rounds: int = 300, rate: float = 0.3) -> Vector:
    """Softmax over the candidates of each question that has a right one among them."""
    weights = np.zeros(len(names(Measures)))
    gathered = np.full_like(weights, 1e-8)
    useful = [case for case in cases if case.right.any()]
    for _ in range(rounds):
        slope = RANK_DECAY * weights
        for case in useful:
            share = _softmax(case.measures @ weights)
            wanted = share * case.right
            slope += case.measures.T @ (share - wanted / wanted.sum()) / len(useful)
        gathered += slope * slope
        weights -= rate * slope / np.sqrt(gathered)
    return weights


def fit_sure(cases: list[Case], rank: Vector, rounds: int = 3000, rate: float = 0.1) -> Vector:
    """Logistic regression: is the best candidate right? Wrong ones of answerable questions are
    left out, or the search would learn to be silent where it only ranks badly."""
    best = [(case, _best(case, rank)) for case in cases if not case.outside]
    rows = [
        (case.evidence[place], case.answerable)
        for case, place in best
        if place is not None and (case.right[place] or not case.answerable)
    ]
    evidence = np.array([row for row, _ in rows])
    truth = np.array([float(good) for _, good in rows])
    costs = np.where(truth > 0, 1.0, WRONG_COSTS)
    weights = np.zeros(evidence.shape[1])
    gathered = np.full_like(weights, 1e-8)
    for _ in range(rounds):
        slope = evidence.T @ ((_sigmoid(evidence @ weights) - truth) * costs) / len(rows)
        slope += SURE_DECAY * weights
        gathered += slope * slope
        weights -= rate * slope / np.sqrt(gathered)
    return weights


def _best(case: Case, rank: Vector) -> int | None:
    """The first candidate that holds the kind of answer wanted."""
    if not len(case.measures):
        return None
    order = np.argsort(-(case.measures @ rank))
    return next((int(place) for place in order if case.holds[place]), None)


def _softmax(scores: Vector) -> Vector:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def _sigmoid(scores: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-scores)))


def shares(cases: list[Case], rank: Vector, sure: Vector) -> tuple[float, float]:
    """Top-1 of the answerable, refused of the others."""
    right = refused = 0
    for case in cases:
        place = None if case.outside else _best(case, rank)
        given = place is not None and _sigmoid(case.evidence[place] @ sure) >= LEAST_SURENESS
        right += case.answerable and given and bool(case.right[place])
        refused += not case.answerable and not given
    answerable = sum(case.answerable for case in cases)
    return right / max(1, answerable), refused / max(1, len(cases) - answerable)


def _print(title: str, kind: type[Measures] | type[Evidence], weights: Vector) -> None:
    print(f"{title} = {kind.__name__}(")
    for name, weight in zip(names(kind), weights, strict=True):
        print(f"    {name}={weight:.2f},")
    print(")")


def main(folders: list[Path], *, sure_only: bool) -> None:
    """Fit on all folders; print the weights and what they reach."""
    sets = {folder.name: cases_of(Measured(folder)) for folder in folders}
    now = np.array(astuple(RANK_WEIGHTS)), np.array(astuple(SURE_WEIGHTS))
    for name, held in sets.items():
        others = [case for other, cases in sets.items() if other != name for case in cases]
        line = "{:16} as they are: top-1 {:.1%}, refused {:.1%}".format(name, *shares(held, *now))
        if others:
            rank = now[0] if sure_only else fit_rank(others)
            figures = shares(held, rank, fit_sure(others, rank))
            line += "; fitted without it: top-1 {:.1%}, refused {:.1%}".format(*figures)
        print(line)
    everything = [case for cases in sets.values() for case in cases]
    rank = now[0] if sure_only else fit_rank(everything)
    sure = fit_sure(everything, rank)
    print("fitted on all: top-1 {:.1%}, refused {:.1%}".format(*shares(everything, rank, sure)))
    _print("RANK_WEIGHTS", Measures, rank)
    _print("SURE_WEIGHTS", Evidence, sure)


if __name__ == "__main__":
    paths = [Path(text) for text in sys.argv[1:] if text != "--sure"]
    main(paths or [FOLDER], sure_only="--sure" in sys.argv)
