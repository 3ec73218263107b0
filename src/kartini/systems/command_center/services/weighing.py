"""What is done with each fact of Bank Sampah. A fact that comes twice, late, or before its elder changes nothing wrong."""

from datetime import datetime, timedelta

from django.db import transaction

from kartini.contracts.bank_sampah import (
    DepositRecorded,
    DepositReversed,
    PriceListPublished,
    StockCounted,
    UnitClosed,
    UnitOpened,
)
from kartini.systems.command_center.models import WasteBank, WasteDeposit, WasteHeap, WastePrice

KEEP = timedelta(days=400)


@transaction.atomic
def open_bank(*, event: UnitOpened) -> None:
    """A bank that opens again is open again, unless its closing is younger."""
    said = {
        "title": event.title[:120],
        "kind": event.kind[:10],
        "village_code": event.village_code[:13],
        "opened_on": event.opened_on,
    }
    bank, _ = WasteBank.objects.update_or_create(code=event.unit[:40], defaults=said)
    if bank.closed_on is not None and bank.closed_on < event.opened_on:
        WasteBank.objects.filter(pk=bank.pk).update(closed_on=None)


@transaction.atomic
def close_bank(*, event: UnitClosed) -> None:
    bank, _ = WasteBank.objects.get_or_create(code=event.unit[:40])
    if bank.opened_on is None or event.closed_on >= bank.opened_on:
        WasteBank.objects.filter(pk=bank.pk).update(closed_on=event.closed_on)


@transaction.atomic
def weigh(*, event: DepositRecorded | DepositReversed) -> None:
    """The same deposit is one row, whichever of the two facts comes first."""
    said = {
        "bank": event.unit[:40],
        "village_code": event.village_code[:13],
        "on": event.booked_on,
        "kilograms": event.kilograms,
    }
    if isinstance(event, DepositReversed):
        said["reversed_at"] = event.reversed_at
    WasteDeposit.objects.update_or_create(deposit=event.deposit[:40], defaults=said)


@transaction.atomic
def list_prices(*, event: PriceListPublished) -> None:
    """The newest list of a bank counts; what it no longer names is no longer bought."""
    here = WastePrice.objects.filter(bank=event.unit[:40])
    if here.filter(from_at__gt=event.from_at).exists():
        return
    here.delete()
    WastePrice.objects.bulk_create(
        WastePrice(
            bank=event.unit[:40],
            material=price.material[:40],
            rupiah_per_kilogram=max(0, price.rupiah_per_kilogram),
            guide=event.guide,
            from_at=event.from_at,
        )
        for price in {price.material: price for price in event.prices}.values()
    )


@transaction.atomic
def count_heap(*, event: StockCounted) -> None:
    """Residue is explained; what fits no book needs a decision."""
    if event.cause == "miscounted":
        WasteHeap.objects.update_or_create(
            bank=event.unit[:40],
            material=event.material[:40],
            counted_at=event.counted_at,
            defaults={
                "book_kilograms": event.book_kilograms,
                "difference_kilograms": event.difference_kilograms,
            },
        )


@transaction.atomic
def tidy(*, at: datetime) -> int:
    """Forget after thirteen months, as with permits."""
    gone, _ = WasteDeposit.objects.filter(on__lt=(at - KEEP).date()).delete()
    old, _ = WasteHeap.objects.filter(counted_at__lt=at - KEEP).delete()
    return gone + old
