"""Where a binding code is used, and its QR code."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup

ADDRESS = "/family/bind"


def qr_svg(origin: str, code: str) -> Markup:
    """A QR code of the address that binds a phone, as SVG for a page."""
    drawn = io.BytesIO()
    segno.make(f"{origin}{ADDRESS}/{code}", error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, title="绑定二维码"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by the library from our address
