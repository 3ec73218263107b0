"""The exchange's tables: who takes part, what is granted, what is on its way, what is alive.

The message log is not here: it has connections of its own (``kartini.exchange.log``).
"""

from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange.errands import Errand as Errand
from kartini.exchange.errands import Institution as Institution
from kartini.kit.ids import new_id


class Subsystem(models.Model):
    """An information system of a member, known by ``JPR/GOV/<member>/<code>``. ``member`` is an organisation's code.

    A suspended one proves nothing, asks nothing and hears nothing until it is let in again.
    """

    code = models.CharField(max_length=60, primary_key=True)
    member = models.CharField(max_length=40)
    member_class = models.CharField(max_length=3, default="GOV")
    title = models.CharField(max_length=200)
    built_in = models.BooleanField(default=True)
    contact = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(suspended_at=None) | ~Q(suspended_reason=""),
                name="a_suspension_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{settings.INSTANCE}/{self.member_class}/{self.member}/{self.code}"


class Service(models.Model):
    """A question and who answers it: the house itself while ``url`` is empty, else the system at that address.

    ``prepared_url`` is an address that was entered and is not switched on. ``keeps_bodies`` is what the rule of the
    day says (``console``); as a rule it is false.
    """

    contract = models.CharField(max_length=100, primary_key=True)
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="services")
    url = models.URLField(blank=True)
    prepared_url = models.URLField(blank=True)
    milliseconds = models.PositiveIntegerField(default=5000)
    keeps_bodies = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(milliseconds__gte=100, milliseconds__lte=60_000),
                name="a_service_has_a_time_limit",
            )
        ]

    def __str__(self) -> str:
        return self.contract


class Credential(models.Model):
    """By what an outside system is known at the edge: a secret (its SHA-256 is kept) or a public key (Ed25519).

    Several may be in force at once, so that one can be replaced without a pause.
    """

    class Kind(models.TextChoices):
        SECRET = "secret", _("Client secret")
        KEY = "key", _("Public key")

    id = models.CharField(max_length=40, primary_key=True)
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=6, choices=Kind)
    value = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subsystem", "-made_at"])]

    def __str__(self) -> str:
        return f"{self.id} ({self.kind})"


class Grant(models.Model):
    """The right of a subsystem to ask one question or hear one event, for one purpose on one legal basis.

    ``fields`` empty means the whole answer; ``per_minute`` empty means as often as needed. ``asked_by`` and
    ``decided_by`` are ids of accounts, empty when the house declared and the demo decided; they are never the
    same account. ``basis_letter`` is that of UU 27/2022 art. 20 (2). What was asked stays beside what was granted.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        APPROVED = "approved", _("Approved")
        NARROWED = "narrowed", _("Approved, narrowed")
        REFUSED = "refused", _("Refused")
        ENDED = "ended", _("Ended")

    HOLDING: ClassVar = (State.APPROVED, State.NARROWED)

    asker = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="grants")
    contract = models.CharField(max_length=100)
    purpose = models.CharField(max_length=60)
    basis = models.CharField(max_length=300)
    fields = models.JSONField(default=list)
    per_minute = models.PositiveIntegerField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    reason = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.BigIntegerField(null=True, blank=True)
    asked_by = models.BigIntegerField(null=True, blank=True)
    basis_letter = models.CharField(max_length=1, blank=True)
    need = models.CharField(max_length=1000, blank=True)
    asked_fields = models.JSONField(default=list)
    asked_per_minute = models.PositiveIntegerField(null=True, blank=True)
    asked_until = models.DateField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_by=None)
                | Q(decided_by=None)
                | ~Q(asked_by=F("decided_by"))
                | Q(state="ended"),
                name="four_eyes_decide_on_a_grant",
            ),
            models.UniqueConstraint(
                fields=["asker", "contract", "purpose"],
                condition=~Q(state__in=["refused", "ended"]),
                name="one_open_grant_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(decided_at__isnull=False),
                name="a_decision_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="a_refusal_has_a_reason"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="a_grant_has_a_legal_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.asker_id}: {self.contract} ({self.purpose})"

    @property
    def is_over(self) -> bool:
        """Granted once, and past its last day."""
        return self.state in self.HOLDING and not self.holds_on(timezone.localdate())

    def holds_on(self, day: date) -> bool:
        return self.state in self.HOLDING and (self.valid_until is None or day <= self.valid_until)


class Webhook(models.Model):
    """Where an outside system wants to be told what it may hear: its grants say which facts.

    ``secret`` names the signing secret and is none: the secret itself is made from a key of the exchange
    when it is needed (``webhooks.secrets``). The former one signs too until ``former_until``. ``agreed_at``:
    the receiver said by the handshake that it wants our messages, and how many a minute at most.
    """

    subsystem = models.OneToOneField(Subsystem, on_delete=models.PROTECT, related_name="webhook")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=40)
    former_secret = models.CharField(max_length=40, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True, blank=True)
    per_minute = models.PositiveIntegerField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at=None) | ~Q(reason=""), name="a_pause_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subsystem_id} -> {self.url}"

    @property
    def listener(self) -> str:
        """As a listener of facts it is named like those inside the house."""
        return f"{self.subsystem_id}.webhook"


class Fact(models.Model):
    """An event as it was stated, written in the transaction of the deed.

    ``position`` is given afterwards, one by one: what pulls facts keeps it as its cursor, which no late
    commit can slip behind. ``request`` is the id of the request in which it was stated: the logs of web and worker
    bear the same.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.CharField(max_length=100)
    ordering_key = models.CharField(max_length=200, blank=True)
    body = models.JSONField()
    stated_at = models.DateTimeField()
    position = models.BigIntegerField(null=True, unique=True, editable=False)
    request = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["stated_at"]),
            models.Index(fields=["id"], condition=Q(position=None), name="without_position"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.id}"


OPEN = Q(done_at__isnull=True, dead_at__isnull=True)


class Deliveries(models.QuerySet["Delivery"]):
    def open(self) -> "Deliveries":
        return self.filter(OPEN)

    def inside(self) -> "Deliveries":
        """To listeners of this house. Said so that the databases find the few open ones by their own indexes, and not all
        that ever were by that of the webhook."""
        return self.alias(told=Coalesce("webhook_id", 0)).filter(told=0)

    def dead(self) -> "Deliveries":
        return self.filter(dead_at__isnull=False)

    def due(self, at: datetime) -> "Deliveries":
        """Open ones whose time has come and before which nothing of the same order waits."""
        older = Delivery.objects.open().filter(
            listener=OuterRef("listener"),
            ordering_key=OuterRef("ordering_key"),
            pk__lt=OuterRef("pk"),
        )
        return (
            self.open()
            .filter(next_at__lte=at)
            .filter(Q(ordering_key="") | ~Exists(older))
            .order_by("pk")
        )


class Delivery(models.Model):
    """One fact on its way to one listener. Open until it is done or dead; a dead one says why.

    The listener is in this house, or behind a ``webhook``.
    """

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="deliveries")
    listener = models.CharField(max_length=200)
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", null=True, blank=True
    )
    ordering_key = models.CharField(max_length=200, blank=True)
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = Deliveries.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fact", "listener"], name="a_fact_is_heard_once"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dead_at=None), name="a_delivery_ends_one_way"
            ),
            models.CheckConstraint(
                condition=Q(dead_at=None) | ~Q(reason=""), name="a_dead_delivery_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=OPEN, name="open_by_time"),
            models.Index(
                fields=["listener", "ordering_key", "id"], condition=OPEN, name="open_by_order"
            ),
            models.Index(fields=["id"], condition=OPEN, name="open_by_age"),
            models.Index(fields=["id"], condition=Q(dead_at__isnull=False), name="given_up"),
        ]

    def __str__(self) -> str:
        return f"{self.fact_id} -> {self.listener}"

    @property
    def order(self) -> tuple[str, str]:
        """Deliveries with the same order reach the listener one after another."""
        return self.listener, self.ordering_key or str(self.pk)


class Heartbeat(models.Model):
    """When a part of the worker was last seen at work."""

    part = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} {self.beat_at:%Y-%m-%d %H:%M:%S}"


class PeriodicRun(models.Model):
    """When work of the clock was last begun, and what went wrong with it then (nothing, as a rule)."""

    id = models.CharField(max_length=100, primary_key=True)
    begun_at = models.DateTimeField()
    fault = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.id


class Edition(models.Model):
    """What a dataset held when it was last counted, and when its content last changed."""

    dataset = models.CharField(max_length=80, primary_key=True)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    withheld = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()
    changed_at = models.DateTimeField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dataset} ({self.rows})"


class CodeSet(models.QuerySet["Code"]):
    def on(self, day: date) -> "CodeSet":
        """The codes in force on that day. Without a first day they hold since before they were recorded."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day)).filter(
            Q(valid_until=None) | Q(valid_until__gt=day)
        )


class Code(models.Model):
    """One version of one code of a reference list: what it means from ``valid_from`` until the day before
    ``valid_until``, by which regulation, and which codes follow it. Versions are ended, never changed."""

    code_list = models.CharField(max_length=80)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    replaced_by = models.JSONField(default=list)
    regulation = models.CharField(max_length=300, blank=True)
    ended_by = models.CharField(max_length=300, blank=True)
    entered_at = models.DateTimeField()

    objects: ClassVar[CodeSet] = CodeSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code_list", "code"],
                condition=Q(valid_until=None),
                name="a_code_has_one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gt=models.F("valid_from")),
                name="a_code_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=False) | Q(ended_by=""),
                name="only_what_ended_names_what_ended_it",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="a_code_has_a_title"),
        ]
        indexes = [models.Index(fields=["code_list", "code", "valid_from"], name="codes_of_a_list")]

    def __str__(self) -> str:
        return f"{self.code_list}: {self.code}"
