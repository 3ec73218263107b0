"""The counter's ties: the exchange, the accounts' letters, and what the worker does for it by the clock."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange import dispatch, registry
from kartini.office import files, notices, payments
from kartini.office.signing import bsre
from kartini.people import messages, rotation, words

messages.carried_by(notices.post_letter)
rotation.also(files.reseal)
registry.subsystem("office", member="diskominfo", title="Kartini – loket bersama")
dispatch.party("bsre", member="bssn", kind="GOV", title="BSrE")
dispatch.party("qris", member="qris", kind="COM", title="QRIS")
dispatch.party("whatsapp", member="whatsapp", kind="COM", title="WhatsApp")
dispatch.party("mail", member="mail", kind="COM", title=_("Mail server"))
BASIS = "UU 25/2009 dan UU 27/2022 Pasal 20 (belum diverifikasi)"
SIGNING = "UU 11/2008 Pasal 11 dan PP 71/2019 Pasal 60, dengan frasa sandi penanda tangan (belum diverifikasi)"
for verb, title, purpose, basis in (
    (bsre.VERB, _("Had a document signed at BSrE"), "signature", SIGNING),
    ("qris.make-code.v1", _("Had a code to pay by made"), "payment", BASIS),
    ("qris.payment-status.v1", _("Asked whether a code was paid"), "payment", BASIS),
    ("whatsapp.send-message.v1", _("Sent a message by WhatsApp"), "letter", BASIS),
    ("mail.send-letter.v1", _("Sent a letter by e-mail"), "letter", BASIS),
):
    dispatch.deed(verb, title=title, purpose=purpose, basis=basis)
words.say_purpose("signature", _("To have a document signed"))
words.say_purpose("payment", _("To collect a payment"))
words.say_purpose("letter", _("To bring somebody a message"))


@registry.every(1, id="office.carry-notices", title=_("Letters and messages carried"))
def carry_notices() -> None:
    notices.carry(now=timezone.now())


@registry.every(24 * 3600, id="office.forget-parcels", title=_("Old letters forgotten"))
def forget_parcels() -> None:
    """With what the exchange remembers of how they were sent."""
    now = timezone.now()
    bsre.forget(before=now - timedelta(days=1))
    notices.forget(before=now - notices.KEPT)
    dispatch.forget(before=now - notices.KEPT)


@registry.every(600, id="office.expire-bills", title=_("Bills that ran out"))
def expire_bills() -> None:
    payments.expire_overdue(today=timezone.localdate())
