"""The demo approves what the installed systems declare; in production it waits for the owner of the data."""

from datetime import date, datetime, time

from django.utils import timezone

from kartini.exchange import grants
from kartini.exchange.models import Grant


def fill(today: date) -> list[str]:
    morning = timezone.make_aware(datetime.combine(today, time(7, 30)))
    grants.declare(approve=True, at=morning)
    return [f"Exchange: {Grant.objects.count()} grants declared by the systems and approved."]
