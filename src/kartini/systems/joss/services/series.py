"""Running numbers: within the caller's transaction, so that none is lost or given twice."""

from django.db.models import F

from kartini.systems.joss.models import Series


def next_of(key: str, *, by: int = 1) -> int:
    """The next number of a series; with ``by`` the first of that many that are set aside."""
    Series.objects.get_or_create(key=key)
    Series.objects.filter(key=key).update(last=F("last") + by)
    return Series.objects.values_list("last", flat=True).get(key=key) - by + 1
