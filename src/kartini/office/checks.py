"""What ``kartini check --deploy`` says about the counter."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def counter_is_ready(app_configs: Any, **_more: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.VIRUS_SCAN:
        found.append(
            checks.Warning(
                "Uploaded papers are not scanned for viruses.",
                hint="Set KARTINI_VIRUS_SCAN, for example to clamd:/run/clamav/clamd.ctl.",
                id="office.W001",
            )
        )
    if settings.SIGNER.endswith(".TestAuthority"):
        found.append(
            checks.Warning(
                "Documents are signed by the local test authority, which is no certified signature.",
                hint="Set KARTINI_SIGNER=kartini.office.signing.BSrE and KARTINI_BSRE_URL, _USER, _PASSWORD.",
                id="office.W002",
            )
        )
    if settings.QRIS_SECRET == settings.DEVELOPMENT_KEY:
        found.append(
            checks.Error(
                "Payments would be believed from anyone who knows the development key.",
                hint="Set KARTINI_QRIS_SECRET to the secret shared with the payment provider.",
                id="office.E001",
            )
        )
    return found
