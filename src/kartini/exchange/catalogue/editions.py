"""What each dataset holds, counted by the worker, so that no page has to."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange.catalogue import files
from kartini.exchange.catalogue.declared import Dataset, datasets
from kartini.exchange.models import Edition
from kartini.exchange.registry import every

HOURLY = timedelta(hours=1).total_seconds()


def all_editions() -> Mapping[str, Edition]:
    """The last count of each dataset; one that was declared just now has none."""
    return {edition.dataset: edition for edition in Edition.objects.all()}


def count(offered: Dataset, at: datetime) -> Edition:
    """Write the CSV file, outside any transaction, and note what it holds."""
    made = files.make(offered, files.FORMATS["csv"])
    facts = {
        "digest": made.digest,
        "rows": made.rows,
        "withheld": made.withheld,
        "size": made.bytes,
        "counted_at": at,
    }
    with transaction.atomic():
        known = Edition.objects.filter(pk=offered.slug).first()
        changed_at = known.changed_at if known and known.digest == made.digest else at
        edition, _fresh = Edition.objects.update_or_create(
            dataset=offered.slug, defaults={**facts, "changed_at": changed_at}
        )
    return edition


@every(HOURLY, id="catalogue.count", title=_("Open data counted"))
def count_all() -> None:
    """Count every dataset anew."""
    for offered in datasets.values():
        count(offered, timezone.now())
    Edition.objects.exclude(dataset__in=datasets).delete()
