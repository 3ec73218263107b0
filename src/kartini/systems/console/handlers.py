"""The ties of the console: it tries answerers, and keeps the exchange's books by the clock."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange import conformance, log, outbox, registry
from kartini.people import words
from kartini.systems.console.services import archives, grants, retention
from kartini.systems.console.services.archives import ARCHIVE, ARCHIVE_SECONDS

registry.subsystem(conformance.ASKER, member="diskominfo", title="Konsol pertukaran data")


@registry.every(10, id="console.count-traffic", title=_("Traffic counted"))
def count_traffic() -> int:
    """What was sealed since is counted for figures and search."""
    return log.the_log().count()


@registry.every(600, id="console.end-grants", title=_("Grants whose last day has passed"))
def end_grants() -> int:
    """Grants whose last day has passed."""
    return grants.end_those_over(at=timezone.now())


@registry.every(3600, id="console.warn-of-ends", title=_("Grants that end soon"))
def warn_of_ends() -> int:
    """Grants that end within a month."""
    return grants.warn_of_ends(at=timezone.now())


@registry.every(
    3600, id=outbox.SWEEP, title=_("What is not kept any longer")
)  # instead of the silent one
def erase() -> int:
    """What the rules of retention no longer keep: by rule and provably, instead of silently."""
    return retention.erase_what_is_due(at=timezone.now())


@registry.every(ARCHIVE_SECONDS, id=ARCHIVE, title=_("Old messages into archives"))
def archive() -> int:
    """Old messages of the log move into files, and old files go, where a rule says so."""
    now = timezone.now()
    return archives.move_what_is_due(at=now) + archives.erase_what_is_due(at=now)


DEEDS = {
    "ask": _("Asked for"),
    "approve": _("Approved"),
    "narrow": _("Approved, narrowed"),
    "refuse": _("Refused"),
    "withdraw": _("Withdrawn"),
    "end": _("Ended"),
    "ran-out": _("Ended by itself"),
    "replay": _("Dead letters sent again"),
    "system-entered": _("Registered"),
    "system-changed": _("Changed"),
    "system-suspended": _("Suspended"),
    "system-resumed": _("Let in again"),
    "secret-made": _("Client secret made"),
    "key-taken": _("Public key added"),
    "credential-ended": _("Credential ended"),
    "webhook-entered": _("Address for events entered"),
    "webhook-secret": _("Signing secret replaced"),
    "webhook-asked": _("Receiver was asked whether it agrees"),
    "webhook-rests": _("Receiver rests"),
    "webhook-resumed": _("Receiver is told again"),
    "answerer-prepared": _("Address entered"),
    "answerer-tried": _("Checked with the examples"),
    "answerer-switched": _("Switched over"),
    "answerer-switched-back": _("Switched back"),
    "retention-set": _("Retention set"),
    "body-read": _("Body of a call read"),
    "breach-entered": _("Breach entered"),
    "breach-told": _("Somebody was told"),
    "breach-closed": _("Breach closed"),
}
for deed, said in DEEDS.items():
    words.say_deed(f"console.{deed}", said)
words.say("console.body-read", _("Read a call about you whose body is kept"))
words.say_purpose("inspection", _("To look into a call whose body is kept"))
words.say_purpose("retention", _("Because it is not kept any longer"))
