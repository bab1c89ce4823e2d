"""QR codes for pages."""

import io

import segno


def qr_svg(text: str, error: str = "m") -> str:
    """The QR code of `text` as SVG with presentation attributes only: the pages allow no inline styles. It fills the
    place that the style sheet gives it. `error`: the level of correction, "l" to "h"."""
    out = io.BytesIO()
    code = segno.make(text, error=error)
    code.save(out, kind="svg", border=4, light="#fff", xmldecl=False, svgns=True, svgclass="qr", omitsize=True)
    return out.getvalue().decode()
