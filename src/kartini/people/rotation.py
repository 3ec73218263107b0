"""New keys: everything sealed by the old ones is sealed anew, then the old ones go.

Between the two writes of the key file both generations open and find, so the house runs on meanwhile.
"""

import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.db import transaction

from kartini.people import sealing
from kartini.people.models import Claim, Person

PIECE = 500
SEALED = frozenset({"secret", "seed"})  # what allauth keeps through its adapter's encrypt
#: what another process sealed by the old key a moment before is committed by then
SETTLE_SECONDS = 10.0
_others: list[Callable[[], int]] = []


def also(reseal: Callable[[], int]) -> Callable[[], int]:
    """Whoever above seals by the house's ring seals anew too, before an old key goes. Says how many that were."""
    _others.append(reseal)
    return reseal


def rotate() -> int:
    """Rotate once; returns how many records were sealed anew. Broken off, it can be started again."""
    sealing.keep(sealing.ring().rotated())
    count = _reseal_all()
    time.sleep(SETTLE_SECONDS)
    count += _reseal_all()
    sealing.keep(sealing.ring().only_current())
    return count


def _reseal_all() -> int:
    """Again and again, for what another process sealed by the old key meanwhile."""
    count = 0
    while anew := sum(work() for work in (_reseal_persons, _reseal_factors, *_others)):
        count += anew
    return count


def _reseal_persons() -> int:
    return _reseal(Person) + _reseal(Claim)


def _reseal(model: type[Person] | type[Claim]) -> int:
    rows = model.objects.order_by("pk").values_list("pk", "nik_sealed")
    keys = [pk for pk, sealed in rows.iterator() if not sealing.is_current(sealed)]
    for start in range(0, len(keys), PIECE):
        with transaction.atomic():
            for row in model.objects.select_for_update().filter(pk__in=keys[start : start + PIECE]):
                nik = sealing.unseal(row.nik_sealed, context=str(row.pk))
                row.nik_sealed = sealing.seal(nik, context=str(row.pk))
                row.nik_index = sealing.index(nik)
                row.save(update_fields=["nik_sealed", "nik_index"])
    return len(keys)


def _reseal_factors() -> int:
    """Secrets of authenticator apps and recovery codes."""
    count = 0
    for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        sealed = {
            name: value
            for name, value in factor.data.items()
            if name in SEALED and not sealing.is_current(bytes.fromhex(value))
        }
        for name, value in sealed.items():
            factor.data[name] = _anew(value)
        if sealed:
            factor.save(update_fields=["data"])
            count += 1
    return count


def _anew(value: str) -> str:
    text = sealing.unseal(bytes.fromhex(value), context="mfa")
    return sealing.seal(text, context="mfa").hex()
