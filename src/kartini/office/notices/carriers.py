"""How a parcel leaves the house: SMTP, and a WhatsApp provider's HTTP interface."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from kartini.office import wire
from kartini.office.models import Parcel


class NotCarried(Exception):
    """The provider did not take it. ``forever``: it never will (bad address); ``away``: it did not answer."""

    def __init__(self, fault: str, *, forever: bool = False, away: bool = False) -> None:
        super().__init__(fault)
        self.forever = forever
        self.away = away


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
        raise NotCarried(f"SMTP {codes}", forever=all(c >= 500 for c in codes)) from None
    except (smtplib.SMTPException, OSError) as fault:
        raise NotCarried(f"SMTP {type(fault).__name__}", away=True) from None
    return mark


def by_whatsapp(parcel: Parcel) -> str:
    """Hand over to the WhatsApp provider, with the parcel's id as idempotency key."""
    headers = {"Idempotency-Key": str(parcel.pk)}
    if settings.WHATSAPP_TOKEN:
        headers["Authorization"] = f"Bearer {settings.WHATSAPP_TOKEN}"
    body = {"to": parcel.address, "type": "text", "text": parcel.text}
    try:
        reply = wire.post_json(f"{settings.WHATSAPP_URL}/messages", body, headers)
        if reply.status in (200, 201, 202):
            return str(reply.json().get("id", ""))[:120]
    except wire.Unreachable as fault:
        raise NotCarried(f"WhatsApp {fault}", away=True) from None
    forever = 400 <= reply.status < 500 and reply.status not in (401, 403, 408, 409, 425, 429)
    raise NotCarried(f"WhatsApp {reply.status}", forever=forever)


CARRIERS = {Parcel.Channel.EMAIL: by_email, Parcel.Channel.WHATSAPP: by_whatsapp}
