"""The books: accounts and transfers. The rules of ``engine.ledger`` stand here as constraints and triggers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kartini.systems.bank_sampah.engine.chart import KINDS, LedgerCode, Owner
from kartini.systems.bank_sampah.engine.ledger import MOST, Phase, Side

_DEBITS = F("debits_posted") + F("debits_pending")
_CREDITS = F("credits_posted") + F("credits_pending")


class Account(models.Model):
    """Cumulative totals of one account; only the trigger of a transfer changes them.

    ``kind`` is one of ``engine.chart.KINDS``; it settles ledger, side and whose account it is. ``place`` says
    kind and owner in one word, so that there is one account of a kind for each.
    """

    place = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=[(code, code) for code in KINDS])
    ledger = models.CharField(max_length=6, choices=[(one, one) for one in LedgerCode])
    side = models.CharField(max_length=6, choices=[(one, one) for one in Side])
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="accounts")
    depositor = models.ForeignKey(
        "Depositor", null=True, on_delete=models.PROTECT, related_name="accounts"
    )
    material = models.ForeignKey("Material", null=True, on_delete=models.PROTECT, related_name="+")
    debits_posted = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_pending = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(debits_posted__gte=0, credits_posted__gte=0)
                & Q(debits_pending__gte=0, credits_pending__gte=0),
                name="books_totals_only_grow",
            ),
            models.CheckConstraint(
                condition=~Q(side=Side.CREDIT) | Q(credits_posted__gte=_DEBITS),
                name="books_credits_cover_debits",
            ),
            models.CheckConstraint(
                condition=~Q(side=Side.DEBIT) | Q(debits_posted__gte=_CREDITS),
                name="books_debits_cover_credits",
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(kind=kind.code)
                    | Q(
                        ledger=kind.ledger,
                        side=kind.side,
                        depositor__isnull=kind.owner != Owner.DEPOSITOR,
                        material__isnull=kind.owner != Owner.MATERIAL,
                    ),
                    name=f"books_{kind.code.replace('-', '_')}_is_itself",
                )
                for kind in KINDS.values()
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def balance(self) -> int:
        """What stands in it, seen from its own side (credit for a free account)."""
        net = self.credits_posted - self.debits_posted
        return -net if self.side == Side.DEBIT else net

    @property
    def available(self) -> int:
        """The balance without what is promised already."""
        held = self.credits_pending if self.side == Side.DEBIT else self.debits_pending
        return self.balance - held


class TransferQuerySet(models.QuerySet["Transfer"]):
    def of(self, account: Account | None) -> "TransferQuerySet":
        """What has moved an account, newest first; as quick in large books as in small ones.

        Ordered by an expression: by the bare key PostgreSQL would walk through all books backward until it has
        found enough of this account.
        """
        if account is None:
            return self.none()
        moved = self.filter(Q(debit=account) | Q(credit=account))
        posted = moved.filter(phase__in=[Phase.SINGLE, Phase.POST])
        return posted.order_by((F("pk") + 0).desc())


class Transfer(models.Model):
    """An amount that moved once, for ever. ``key`` is chosen by the client; ``deed`` is the paper behind it.

    Triggers (migration 0002) add it to both accounts and refuse what the rules refuse, any change and any
    deletion. ``kind`` says what the deed is; ``id`` grows in the order of the books of each account.
    """

    key = models.UUIDField(unique=True, editable=False)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debited")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credited")
    amount = models.BigIntegerField()
    phase = models.CharField(
        max_length=7, choices=[(one, one) for one in Phase], default=Phase.SINGLE
    )
    settles = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="settled_by"
    )
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    kind = models.CharField(max_length=12)
    deed = models.UUIDField(db_index=True)
    booked_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MOST), name="books_amount_is_an_amount"
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="books_two_accounts"),
            models.CheckConstraint(
                condition=Q(phase__in=[Phase.POST, Phase.VOID], settles__isnull=False)
                | Q(phase__in=[Phase.SINGLE, Phase.PENDING], settles__isnull=True),
                name="books_settles_what_pends",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None) | Q(phase=Phase.SINGLE),
                name="books_reversal_is_single",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} #{self.pk}"
