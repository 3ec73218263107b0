"""Who sees the Command Center, one screen, and what the figures should reach. Its facts come by the exchange."""

from datetime import date, timedelta
from decimal import Decimal

from kartini.people import demo as people
from kartini.systems.command_center import rules
from kartini.systems.command_center.models import Screen, Target
from kartini.systems.command_center.services import screens

VIEWERS = (
    ("bupati", "setda"),
    ("sekda", "setda"),
    ("hendro", "dpmptsp"),
    ("ratna", "dinkes"),
    ("tri", "bpkad"),
)
TARGETS = (
    (Target.Key.ON_TIME, "90", "ASUMSI peragaan, belum ditetapkan"),
    (Target.Key.LATE, "0", "ASUMSI peragaan, belum ditetapkan"),
    (Target.Key.MEDIAN, "7", "ASUMSI peragaan, belum ditetapkan"),
)
LOBBY = "Lobi Gedung OPD Bersama"


def fill(today: date) -> list[str]:
    """The regent, the regional secretary and three heads look; Laila of Diskominfo keeps."""
    for username, agency in VIEWERS:
        people.appoint(username, rules.VIEWER, agency, today=today)
    keeper = people.appoint("laila", rules.KEEPER, "diskominfo", today=today).user
    at = people.morning(today)
    for key, value, basis in TARGETS:
        if not Target.objects.filter(key=key).exists():
            screens.set_target(key=key, value=Decimal(value), basis=basis, by=keeper, at=at)
    if not Screen.objects.filter(name=LOBBY).exists():
        screens.open_screen(name=LOBBY, valid_until=today + timedelta(days=365), by=keeper, at=at)
    return [f"Command Center: {len(VIEWERS)} viewers, {len(TARGETS)} assumed targets, one screen"]
