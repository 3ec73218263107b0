"""What an outside system uses to ask, answer, state and hear. Imports nothing of kartini.

    client = Client("https://…", system="JPR/GOV/dinkes/simrs", secret=("simrs-1a2b3c4d", "…"))
    answer = client.ask("JPR/GOV/diskominfo/pengumuman/pengumuman.latest.v1", {"limit": 3})
    for event in client.events(after="0"): …
    client.publish("simrs.bed-freed.v1", {…}, id="bed-17-2026-11-24")
    event = Webhook("whsec_…").read(headers, body)
    question = Provider([key]).read(method, url, headers, body)

Answers are believed only with the exchange's signature (RFC 9421) over a digest of their body.
"""

from kartini_client.client import AsyncClient, Client
from kartini_client.errors import Failed, NotTrue, Refused, Unreachable
from kartini_client.hearing import Event, Webhook
from kartini_client.providing import Provider, Question
from kartini_client.steps import Answer

__all__ = [
    "Answer",
    "AsyncClient",
    "Client",
    "Event",
    "Failed",
    "NotTrue",
    "Provider",
    "Question",
    "Refused",
    "Unreachable",
    "Webhook",
]
