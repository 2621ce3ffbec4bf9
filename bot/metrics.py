"""The few numbers that matter, for ``/metrics``. No ids as labels."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

refused = Counter("jingkang_pushes_refused", "Pushes that were not accepted", ["reason"])
answered = Histogram(
    "jingkang_push_answer_seconds",
    "Time from a push to its answer",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5),
)
sent = Counter("jingkang_messages_sent", "Messages given to the platform", ["outcome"])
