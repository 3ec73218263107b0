"""How a parcel leaves the house: SMTP, and a WhatsApp provider's HTTP interface."""

import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage

from kartini.exchange.dispatch import Away, Refused
from kartini.office import wire
from kartini.office.models import Parcel

TRY_AGAIN = (401, 403, 408, 409, 425, 429)


def by_email(parcel: Parcel) -> str:
    """Hand over to the mail server. The message id is the parcel's, so that a second copy can be told."""
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mark = f"<{parcel.pk}@{sender.rpartition('@')[2]}>"
    message = EmailMessage(
        subject=parcel.subject,
        body=f"{parcel.text}\n",
        to=[parcel.address],
        headers={"Message-ID": mark, "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as fault:
        codes = [code for code, _said in fault.recipients.values()]
        raise Refused(f"SMTP {codes}", forever=all(c >= 500 for c in codes)) from None
    except (smtplib.SMTPException, OSError) as fault:
        raise Away(f"SMTP {type(fault).__name__}") from None
    return mark


def by_whatsapp(parcel: Parcel) -> str:
    """Hand over to the WhatsApp provider, with the parcel's id as idempotency key."""
    headers = {"Idempotency-Key": str(parcel.pk)}
    if settings.WHATSAPP_TOKEN:
        headers["Authorization"] = f"Bearer {settings.WHATSAPP_TOKEN}"
    body = {"to": parcel.address, "type": "text", "text": parcel.text}
    reply = wire.post_json(f"{settings.WHATSAPP_URL}/messages", body, headers)
    if reply.status in (200, 201, 202):
        return str(reply.json().get("id", ""))[:120]
    forever = 400 <= reply.status < 500 and reply.status not in TRY_AGAIN
    raise Refused(f"WhatsApp {reply.status}", forever=forever)


class Carrier(NamedTuple):
    """By which verb a parcel leaves, to which address, and how."""

    verb: str
    address: Callable[[], str]
    hand_over: Callable[[Parcel], str]


CARRIERS = {
    Parcel.Channel.EMAIL: Carrier(
        "mail.send-letter.v1",
        lambda: f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        by_email,
    ),
    Parcel.Channel.WHATSAPP: Carrier(
        "whatsapp.send-message.v1", lambda: settings.WHATSAPP_URL, by_whatsapp
    ),
}
