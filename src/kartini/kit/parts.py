"""What the larger components are fed with."""

from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["ok", "info", "warn", "bad", "off"]
State = Literal["done", "current", "todo", ""]
_BY_STATE = {"done": ("ok", "check"), "current": ("info", "clock"), "todo": ("off", "hourglass")}


@dataclass(frozen=True)
class Column:
    """A head of a table. ``minor`` columns leave first when space is short; ``sorted`` is ascending or descending.

    ``silent`` is for a column that needs no word to the eye, such as one of tick boxes.
    """

    label: Any
    num: bool = False
    minor: bool = False
    silent: bool = False
    url: str = ""
    sorted: str = ""

    @property
    def classes(self) -> str:
        return " ".join(["num"] * self.num + ["minor"] * self.minor)


@dataclass(frozen=True)
class Chip:
    """An active filter; ``url`` is the page without it."""

    label: Any
    url: str


@dataclass(frozen=True)
class TrackStep:
    """A station of a case: done, current or to come. Tone and icon follow the state unless given."""

    title: Any
    state: State = ""
    meta: Any = ""
    text: Any = ""
    tone: Tone | Literal[""] = ""
    icon: str = ""

    @property
    def shown_tone(self) -> str:
        return self.tone or _BY_STATE.get(self.state, ("off", ""))[0]

    @property
    def shown_icon(self) -> str:
        return self.icon or _BY_STATE.get(self.state, ("", "info"))[1]


@dataclass(frozen=True)
class ClockPart:
    """Whose time it is, how much is used (``percent`` of what was promised), and until when."""

    who: Any
    value: Any
    note: Any = ""
    percent: float = 100
    tone: Tone = "info"
    icon: str = "clock"
