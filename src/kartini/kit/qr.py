"""QR codes as inline SVG."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET = 2


def svg(text: str, *, label: str) -> SafeString:
    """One path in the text colour; ``label`` says what the code is for."""
    matrix = segno.make(text, error="m", micro=False).matrix
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    size = len(matrix) + 2 * QUIET
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}"'
        ' shape-rendering="crispEdges"><path fill="currentColor" d="{2}"/></svg>',
        size,
        label,
        path,
    )
