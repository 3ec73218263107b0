"""What the account itself has to say: codes, warnings, invitations. Who carries it registers here.

``office`` stands above and registers its outbox when Django starts. Until somebody does, e-mail goes
the plain way and WhatsApp nowhere, which the log says.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail

logger = logging.getLogger(__name__)
EMAIL, WHATSAPP = "email", "whatsapp"


@dataclass(frozen=True)
class Letter:
    """One message to one address (an e-mail address or a number such as ``+628120000001``).

    ``sensitive`` texts hold a code or a link that opens an account: a carrier forgets them once sent.
    """

    channel: str
    to: str
    subject: str
    body: str
    at: datetime
    sensitive: bool = False


Carrier = Callable[[Letter], None]
_carriers: list[Carrier] = []


def carried_by(carrier: Carrier) -> None:
    """From now on, this function takes every letter (the one registered last)."""
    _carriers.append(carrier)


def send(letter: Letter) -> None:
    """Hand a letter over. It never fails: a person who waits for a code can ask for it again."""
    if _carriers:
        _carriers[-1](letter)
    elif letter.channel == EMAIL:
        sender = settings.DEFAULT_FROM_EMAIL
        send_mail(letter.subject, letter.body, sender, [letter.to], fail_silently=True)
    else:
        logger.warning("nobody carries %s messages; one was dropped", letter.channel)


def channel_of(address: str) -> str:
    return EMAIL if "@" in address else WHATSAPP
