"""What people does by the clock. Each may run twice."""

from datetime import datetime, timedelta

from kartini.people import identity, letters
from kartini.people.identity import Outcome
from kartini.people.models import User

AT_ONCE = 50
UNFINISHED_DAYS = 7


def check_unverified(at: datetime) -> int:
    """Ask Dukcapil once more about accounts that it has not confirmed; stop when it is still away."""
    waiting = User.objects.filter(
        person__isnull=False, person__verified_at=None, person__birth_on__isnull=False
    ).select_related("person")
    done = 0
    for user in waiting.order_by("?")[:AT_ONCE]:
        outcome = identity.check_again(user=user, at=at)
        if outcome is Outcome.UNCHECKED:
            break
        if outcome is Outcome.DISAGREES:
            letters.write_to(user, "come_to_counter", {}, at)
        done += 1
    return done


def prune_unfinished(at: datetime) -> int:
    """Delete citizens' accounts that never proved a phone or an e-mail and never signed in."""
    old = User.objects.filter(
        last_login=None,
        date_joined__lt=at - timedelta(days=UNFINISHED_DAYS),
        person=None,
        phone_verified=False,
        is_demo=False,
        username__startswith="w-",
        roles=None,
        invitations=None,
    ).exclude(emailaddress__verified=True)
    count = old.count()
    old.delete()
    return count
