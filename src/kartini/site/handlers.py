"""The portal's ties: it asks for the latest announcements, and hears nothing."""

from kartini.contracts import Purpose
from kartini.contracts.pengumuman import LatestAnnouncements
from kartini.exchange.registry import needs, subsystem
from kartini.site.portal import ASKER

subsystem(ASKER, member="diskominfo", title="Portal")
needs(
    LatestAnnouncements,
    asker=ASKER,
    purpose=Purpose.PUBLIC_INFORMATION,
    basis="UU 14/2008 (keterbukaan informasi publik)",
)
