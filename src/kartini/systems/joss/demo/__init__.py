"""Five months of permits, as Jepara might have asked for them. All persons are invented.

Every application is played forward from the day on which it was handed in, through the real verbs, until
today: those that began long ago are finished, the others lie on somebody's desk.
"""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kartini.people import demo as people
from kartini.people.models import User
from kartini.systems.joss.demo.cast import CODES, NAMES, appoint, settle
from kartini.systems.joss.demo.play import Play, hand_in, live, there_and_back
from kartini.systems.joss.demo.scale import fill_scale
from kartini.systems.joss.models import Application, Assessment, State
from kartini.systems.joss.services import money, permits, verification

MOST = 80
FORGOTTEN = {20: 15, 41: 13}  # lie on a desk for too long: number, and since how many days


def fill(today: date) -> list[str]:
    """About eighty applications in every state. Run twice, nothing changes."""
    staff = appoint(today)
    if Application.objects.exists():
        return ["JOSS: already filled"]
    chance = random.Random(2026)
    at = timezone.make_aware(datetime.combine(today, time(7, 0)))
    crowd = [settle(number, name, at) for number, name in enumerate(NAMES)]
    for number in range(MOST - 8):
        stuck = number in FORGOTTEN
        play = Play(
            chance=chance,
            staff=staff,
            applicant=crowd[number % len(crowd)],
            code=CODES[chance.choices((0, 1, 2), (5, 3, 2))[0]],
            now=_morning(today, FORGOTTEN.get(number) or _days_ago(number, chance), chance),
            end=at,
        )
        odd = {"refuse": number % 9 == 5, "fault": number % 5 == 1, "leave": number % 17 == 9}
        live(play, **(dict.fromkeys(odd, False) if stuck else odd), stuck=stuck)
    for applicant in crowd[:3]:  # the treasurer has something to work out
        banner = Play(chance, staff, applicant, CODES[2], _morning(today, 1), at)
        live(banner, refuse=False, fault=False, leave=False, stuck=True)
    return _story(chance, staff, today, at)


def _days_ago(number: int, chance: random.Random) -> int:
    """Half of the year's files are long finished, half came in these days and lie on somebody's desk."""
    return chance.randint(0, 8) if number % 2 else chance.randint(14, 150)


def _story(chance: random.Random, staff: dict[str, User], today: date, at: datetime) -> list[str]:
    """The citizens who can sign in have something to do: Rina to mend, Joko to pay, Budi to wait."""

    def play(username: str, code: str, days: int) -> Play:
        begin = _morning(today, days)
        return Play(chance, staff, people.citizen(username), code, begin, at)

    rina = play("rina", CODES[1], 3)
    letter = hand_in(rina)
    there_and_back(Play(chance, staff, rina.applicant, CODES[1], rina.now, at), letter)
    bill = _billed(play("joko", CODES[2], 4))
    old = live(play("budi", CODES[2], 90), refuse=False, fault=False, leave=False, stuck=False)
    if old is not None:
        _suspended(old, staff["hendro"], at)
    live(play("budi", CODES[1], 1), refuse=False, fault=False, leave=False, stuck=False)
    open_ones = Application.objects.open().count()
    issued_ones = Application.objects.filter(state=State.ISSUED).count()
    return [
        f"JOSS: {Application.objects.count()} applications, {open_ones} on somebody's desk, {issued_ones} permits",
        f"JOSS: joko has a bill to pay for {bill.application.number} (Rp {bill.amount_rupiah:,})",
    ]


def _billed(play: Play) -> Assessment:
    """Found complete after three hours, worked out after two more: now it waits for the money."""
    banner = hand_in(play)
    play.now += timedelta(hours=3)
    verification.accept(application=banner, by=play.staff["bambang"], at=play.now)
    return money.assess(
        application=banner,
        amount_rupiah=450_000,
        words="4 m² × 3 buah × 20 hari × tarif",
        by=play.staff["tri"],
        at=play.now + timedelta(hours=2),
    )


def _suspended(old: Application, head: User, at: datetime) -> None:
    permit = Application.objects.get(pk=old.pk).permit
    if permit:
        words = "Reklame dipasang pada pohon; menunggu dipindahkan."
        permits.suspend(permit=permit, words=words, by=head, at=at)


def _morning(today: date, days: int, chance: random.Random | None = None) -> datetime:
    day = today - timedelta(days=days)
    hour = time(chance.randint(6, 20), chance.randrange(60)) if chance and days else time(6, 5)
    return timezone.make_aware(datetime.combine(day, hour))


__all__ = ["fill", "fill_scale"]
