"""What every page knows: the regency, the nonce, the display choices."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "regency_name": settings.REGENCY_NAME,
        "regency_short": settings.REGENCY_SHORT,
        "regency_lines": settings.REGENCY_NAME.split(" ", 1),
        "office_hours": settings.OFFICE_HOURS,
        "office_address": settings.OFFICE_ADDRESS,
        "demo": settings.DEMO,
        "official_site": settings.OFFICIAL_SITE,
        "theme": {"terang": "light", "gelap": "dark"}.get(request.COOKIES.get("tema", ""), ""),
        "text_size": {"besar": "large", "terbesar": "largest"}.get(
            request.COOKIES.get("teks", ""), ""
        ),
        "contrast": "more" if request.COOKIES.get("kontras") == "lebih" else "",
    }
