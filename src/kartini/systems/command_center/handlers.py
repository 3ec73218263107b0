"""All ties to other systems: the Command Center hears permits, announcements and waste banks, and asks for JOSS's figures."""

from datetime import timedelta

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose
from kartini.contracts.bank_sampah import (
    DepositRecorded,
    DepositReversed,
    PriceListPublished,
    StockCounted,
    UnitClosed,
    UnitOpened,
)
from kartini.contracts.joss import ApplicationMoved, PermitFiguresNow, PermitIssued, PermitRevoked
from kartini.contracts.pengumuman import AnnouncementPublished, AnnouncementWithdrawn
from kartini.exchange import bus
from kartini.exchange.registry import every, needs, subscribes, subsystem
from kartini.systems.command_center.services import hearing, weighing

ME = "command-center"
BASIS = "UU 23/2014 Pasal 65: kepala daerah memimpin urusan pemerintahan (belum diverifikasi)"
OPENNESS = "UU 14/2008 (keterbukaan informasi publik)"

subsystem(ME, member="setda", title="Pusat Kendali")
needs(ApplicationMoved, asker=ME, purpose=Purpose.GOVERNANCE, basis=BASIS)
needs(PermitIssued, asker=ME, purpose=Purpose.GOVERNANCE, basis=BASIS)
needs(PermitRevoked, asker=ME, purpose=Purpose.GOVERNANCE, basis=BASIS)
needs(AnnouncementPublished, asker=ME, purpose=Purpose.PUBLIC_INFORMATION, basis=OPENNESS)
needs(AnnouncementWithdrawn, asker=ME, purpose=Purpose.PUBLIC_INFORMATION, basis=OPENNESS)
for _fact in (
    UnitOpened,
    UnitClosed,
    DepositRecorded,
    DepositReversed,
    PriceListPublished,
    StockCounted,
):
    needs(_fact, asker=ME, purpose=Purpose.GOVERNANCE, basis=BASIS)
needs(PermitFiguresNow, asker=ME, purpose=Purpose.GOVERNANCE, basis=BASIS)


@subscribes(ApplicationMoved, id="command-center.application-moved")
def application_moved(event: ApplicationMoved) -> None:
    hearing.move_case(event=event)


@subscribes(PermitIssued, id="command-center.permit-issued")
def permit_issued(event: PermitIssued) -> None:
    hearing.count_issued(event=event)


@subscribes(PermitRevoked, id="command-center.permit-revoked")
def permit_revoked(event: PermitRevoked) -> None:
    hearing.note_revoked(event=event)


@subscribes(AnnouncementPublished, id="command-center.announcement-published")
def announcement_published(event: AnnouncementPublished) -> None:
    hearing.announce(event=event)


@subscribes(AnnouncementWithdrawn, id="command-center.announcement-withdrawn")
def announcement_withdrawn(event: AnnouncementWithdrawn) -> None:
    hearing.take_down(event=event)


@subscribes(UnitOpened, id="command-center.waste-bank-opened")
def waste_bank_opened(event: UnitOpened) -> None:
    weighing.open_bank(event=event)


@subscribes(UnitClosed, id="command-center.waste-bank-closed")
def waste_bank_closed(event: UnitClosed) -> None:
    weighing.close_bank(event=event)


@subscribes(DepositRecorded, id="command-center.waste-weighed")
def waste_weighed(event: DepositRecorded) -> None:
    weighing.weigh(event=event)


@subscribes(DepositReversed, id="command-center.waste-taken-back")
def waste_taken_back(event: DepositReversed) -> None:
    weighing.weigh(event=event)


@subscribes(PriceListPublished, id="command-center.waste-prices")
def waste_prices(event: PriceListPublished) -> None:
    weighing.list_prices(event=event)


@subscribes(StockCounted, id="command-center.waste-counted")
def waste_counted(event: StockCounted) -> None:
    weighing.count_heap(event=event)


@every(60, id="command-center.ask-figures", title=_("Figures for the wall"))
def ask_figures() -> None:
    """Without an answer the old figures stay, and the wall says since when."""
    try:
        answer = bus.ask(PermitFiguresNow(), asker=ME, purpose=Purpose.GOVERNANCE)
    except bus.Unanswered:
        return
    figures = answer.model_dump(include={"open", "late", "issued_this_year", "median_working_days"})
    hearing.keep_readings(
        figures={f"joss.{name}": value for name, value in figures.items()}, at=answer.at or now()
    )


@every(
    timedelta(hours=6).total_seconds(),
    id="command-center.tidy",
    title=_("Old figures of the wall put away"),
)
def tidy() -> None:
    hearing.tidy(at=now())
    weighing.tidy(at=now())
