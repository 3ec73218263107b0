"""The portal's ties: it asks for the latest announcements, and hears when old registers were taken in."""

from kartini.contracts import Purpose
from kartini.contracts.pengumuman import LatestAnnouncements
from kartini.contracts.portal import RegisterTakenIn
from kartini.exchange.registry import needs, subscribes, subsystem
from kartini.kit import remembered
from kartini.site.portal import ASKER

subsystem(ASKER, member="diskominfo", title="Portal")
needs(
    LatestAnnouncements,
    asker=ASKER,
    purpose=Purpose.PUBLIC_INFORMATION,
    basis="UU 14/2008 (keterbukaan informasi publik)",
)
needs(
    RegisterTakenIn,
    asker=ASKER,
    purpose=Purpose.GOVERNANCE,
    basis="Tata kelola Kartini: impor besar dicatat sekali, dengan namanya",
)


@subscribes(RegisterTakenIn, id="portal.register-taken-in")
def show_what_was_taken_in(_event: RegisterTakenIn) -> None:
    """Pages that were kept from before the import are not shown any more."""
    remembered.turn.move()
