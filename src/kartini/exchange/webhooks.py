"""Webhooks of outside systems: where facts are sent, with which secret they are signed, when they rest.

The facts are those that the system's grants let it hear. Sending is the couriers' work (``couriers``).
"""

from base64 import b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from kartini.exchange import log
from kartini.exchange.models import Delivery, Grant, Subsystem, Webhook

OVERLAP = timedelta(days=7)
NOT_IN_TIME = gettext_noop("It could not be delivered within three days.")
BY_HAND = gettext_noop("Stopped by hand.")


class NotAnAddress(Exception):
    """Facts cannot be sent to this address; says why."""


# -- the life of a webhook


@transaction.atomic
def open_webhook(*, subsystem: Subsystem, url: str, at: datetime) -> Webhook:
    """Send what this system may hear to this address from now on. Raises ``NotAnAddress``.

    Called again it moves the webhook: the receiver at the new address is asked anew whether it agrees. What the
    old one had said (that it is gone, for example) no longer counts; what was stopped by hand stays so.
    """
    _fits(url)
    found = Webhook.objects.select_for_update().filter(subsystem=subsystem).first()
    if found is None:
        name = log.the_log().keys.new_webhook_secret()
        return Webhook.objects.create(subsystem=subsystem, url=url, secret=name, made_at=at)
    if found.url != url:
        found.url, found.agreed_at, found.per_minute = url, None, None
        found.failures, found.next_at = 0, None
        if found.reason != BY_HAND:
            found.reason, found.paused_at = "", None
        found.save()
        Delivery.objects.open().filter(webhook=found).update(next_at=at)
    return found


@transaction.atomic
def rotate_secret(*, webhook: Webhook, at: datetime, overlap: timedelta = OVERLAP) -> str:
    """A fresh secret; messages bear the signatures of both until the overlap is over. Returns the new one."""
    Webhook.objects.filter(pk=webhook.pk).update(
        former_secret=F("secret"),
        former_until=at + overlap,
        secret=log.the_log().keys.new_webhook_secret(),
    )
    webhook.refresh_from_db()
    return secret(webhook)


@transaction.atomic
def pause(*, webhook: Webhook, at: datetime, reason: str = BY_HAND) -> None:
    """Send nothing for now. Facts go on waiting, three days at most."""
    Webhook.objects.filter(pk=webhook.pk, paused_at=None).update(paused_at=at, reason=reason)


@transaction.atomic
def resume(*, webhook: Webhook, at: datetime) -> None:
    """Send again, at once."""
    Webhook.objects.filter(pk=webhook.pk).update(
        paused_at=None, reason="", failures=0, next_at=None
    )
    Delivery.objects.open().filter(webhook=webhook).update(next_at=at)


@transaction.atomic
def close_webhook(*, webhook: Webhook) -> None:
    """Send nothing more; what was on its way is forgotten with it."""
    Webhook.objects.filter(pk=webhook.pk).delete()


def secret(webhook: Webhook) -> str:
    """As the receiver keeps it: ``whsec_…`` (Standard Webhooks)."""
    return f"whsec_{b64encode(log.the_log().keys.webhook_secret(webhook.secret)).decode()}"


def secrets(webhook: Webhook, at: datetime) -> list[bytes]:
    """Those that sign now, newest first."""
    keys = log.the_log().keys
    former = webhook.former_until is not None and at < webhook.former_until
    names = [webhook.secret, *([webhook.former_secret] if former else [])]
    return [keys.webhook_secret(name) for name in names]


# -- what the outbox asks


def hearing(contract: str) -> list[tuple[str, int]]:
    """Listener and key of each webhook whose system may hear this, by a grant that holds today.

    Asked with every fact, so in plain SQL; and asked anew each time, because a webhook that was closed a
    moment ago in another process must not spoil the deed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HEARING, [contract, timezone.localdate().isoformat(), *Grant.HOLDING])
        return [(Webhook(subsystem_id=code).listener, pk) for pk, code in cursor.fetchall()]


_HEARING = (
    "SELECT id, subsystem_id FROM exchange_webhook WHERE subsystem_id IN (SELECT asker_id FROM exchange_grant"
    " WHERE contract = %s AND (valid_until IS NULL OR valid_until >= %s) AND state IN (%s, %s))"
)


def give_up(*, at: datetime) -> int:
    """What waited too long becomes a dead letter, also while its receiver rests; how many those were."""
    late = Delivery.objects.open().filter(webhook__isnull=False, give_up_at__lt=at)
    return late.update(dead_at=at, reason=NOT_IN_TIME)


def _fits(url: str) -> None:
    """Where it leads is asked each time that something is sent (``reach``): names change their meaning."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAnAddress("not a URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise NotAnAddress("an address begins with https:// and names a machine")
    if parts.username or parts.password or parts.fragment:
        raise NotAnAddress("no user, password or fragment in the address")
