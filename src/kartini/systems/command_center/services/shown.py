"""What the wall is made of: tiles and lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kartini.kit import charts


@dataclass(frozen=True)
class Tile:
    """One figure with what it should be and how it moved. ``stale_since`` greys it."""

    label: str
    value: str
    unit: str
    delta: str
    tone: str
    icon: str
    trend: Sequence[float | None] = ()
    stale_since: datetime | None = None

    @property
    def spark(self) -> str:
        """The small line, as wide as a card on the wall."""
        return charts.sparkline(self.trend, width=310, height=64)


@dataclass(frozen=True)
class Line:
    """One line of the ticker."""

    tone: str
    icon: str
    word: str
    text: str
