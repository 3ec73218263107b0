"""The counter of the demo: who keeps the calendar, who the money, and one day that a decree changed."""

from datetime import date

from kartini.office import calendar, rules
from kartini.office.models import HolidayOverride
from kartini.people import demo as people


def fill(today: date) -> list[str]:
    people.appoint("sekda", rules.CALENDAR_KEEPER, "setda", today=today)
    people.appoint("tri", rules.TREASURER, "bpkad", today=today)
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
