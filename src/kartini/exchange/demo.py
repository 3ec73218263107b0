"""The demo approves what the installed systems declare; in production it waits for the owner of the data."""

from datetime import date, datetime, time

from django.utils import timezone

from kartini.exchange import grants
from kartini.exchange.catalogue import code_files, codes, own
from kartini.exchange.models import Code, Grant


def fill(today: date) -> list[str]:
    morning = timezone.make_aware(datetime.combine(today, time(7, 30)))
    grants.declare(approve=True, at=morning)
    _lists(morning)
    return [
        f"Exchange: {Grant.objects.count()} grants declared by the systems and approved.",
        f"Reference data: {Code.objects.count()} codes in {len(codes.code_lists)} lists.",
    ]


def _lists(at: datetime) -> None:
    for one in codes.code_lists.values():
        codes.synchronise(one, at=at)
    brought = code_files.read(own.HEALTH, own.shipped(own.HEALTH.slug))
    codes.publish(of=own.HEALTH, entries=brought.entries, on=timezone.localdate(at), at=at)
