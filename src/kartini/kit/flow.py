"""State as a table: which state may follow which, by which verb. Drawn in the docs, tested as data."""

from collections.abc import Iterable
from dataclasses import dataclass


class MoveRefused(Exception):
    """This verb is not possible in this state."""

    def __init__(self, verb: str, state: str) -> None:
        super().__init__(f"{verb} is not possible in state {state}")
        self.verb = verb
        self.state = state


@dataclass(frozen=True)
class Move:
    """``verb`` leads from any state of ``sources`` to ``target``."""

    verb: str
    sources: frozenset[str]
    target: str


class Flow:
    """The allowed moves of one kind of thing."""

    def __init__(self, *moves: tuple[str, Iterable[str], str]) -> None:
        self.moves = tuple(
            Move(verb, frozenset(sources), target) for verb, sources, target in moves
        )

    def targets(self, verb: str, state: str) -> list[str]:
        return [m.target for m in self.moves if m.verb == verb and state in m.sources]

    def step(self, verb: str, state: str, *, to: str | None = None) -> str:
        """The state after ``verb``; ``to`` chooses where a verb has several ends."""
        targets = self.targets(verb, state)
        if to is not None:
            targets = [target for target in targets if target == to]
        if not targets:
            raise MoveRefused(verb, state)
        return targets[0]

    def verbs(self, state: str) -> list[str]:
        """What can be done now, in the order of the table."""
        return list(dict.fromkeys(m.verb for m in self.moves if state in m.sources))

    @property
    def states(self) -> frozenset[str]:
        return frozenset().union(*(m.sources | {m.target} for m in self.moves))

    def mermaid(self) -> str:
        """The table as a state diagram for the docs."""
        lines = ["stateDiagram-v2"]
        for move in self.moves:
            lines += [
                f"    {source} --> {move.target}: {move.verb}" for source in sorted(move.sources)
            ]
        return "\n".join(lines)
