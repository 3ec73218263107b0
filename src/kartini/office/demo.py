"""The counter of the demo: who keeps the calendar, who the money, and one day that a decree changed."""

from datetime import date, timedelta

from kartini.office import calendar, rules
from kartini.office.models import HolidayOverride, Parcel
from kartini.people import demo as people


def fill(today: date) -> list[str]:
    people.appoint("sekda", rules.CALENDAR_KEEPER, "setda", today=today)
    people.appoint("tri", rules.TREASURER, "bpkad", today=today)
    people.appoint("yusuf", rules.LETTER_KEEPER, "diskominfo", today=today)
    _one_letter_given_up(today)
    day_on = date(today.year + 1, 4, 9)
    calendar.set_day(
        day_on=day_on,
        kind=HolidayOverride.Kind.LEAVE,
        name="Cuti bersama menjelang Hari Jadi Jepara (contoh)",
        decree="Contoh untuk peragaan, bukan keputusan yang sebenarnya",
        by=people.staff("sekda"),
        at=people.morning(today),
    )
    return [f"Counter: one day set by decree ({day_on:%d.%m.%Y})"]


def _one_letter_given_up(today: date) -> None:
    """Its address had a slip of the finger in it: something for the keeper of letters to see."""
    at = people.morning(today)
    facts = {
        "channel": Parcel.Channel.EMAIL,
        "address": "warga@contoh-salah.invalid",
        "subject": "Pesan baru di Kartini (contoh)",
        "text": "Contoh untuk peragaan.",
        "state": Parcel.State.DEAD,
        "written_at": at - timedelta(days=4),
        "next_at": at,
        "ended_at": at - timedelta(days=1),
        "attempts": 43,
    }
    Parcel.objects.get_or_create(fault="550 5.1.2 Host unknown", defaults=facts)
