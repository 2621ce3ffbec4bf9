"""Faults a developer or a test has ordered."""

from __future__ import annotations

from bot.emulator.model import Fault, FaultKind, Gone
from bot.emulator.store import Store

CALL_FAULTS: tuple[FaultKind, ...] = (
    "errcode",
    "html",
    "status",
    "delay",
    "drop_before",
    "drop_after",
)


def take(store: Store, *kinds: FaultKind, path: str = "*", openid: str = "") -> Fault | None:
    """The oldest fault of one of these kinds that applies, one time of it used up."""
    if not store.faults:
        return None
    for fault in store.faults.values():
        if (
            fault.kind in kinds
            and fault.path in ("*", path)
            and (not fault.openid or fault.openid == openid)
        ):
            fault.times -= 1
            spent = fault.times <= 0
            store.commit(Gone("fault", str(fault.id)) if spent else fault)
            return fault
    return None
