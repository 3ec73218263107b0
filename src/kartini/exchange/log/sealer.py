"""The sealer: gives new messages their place in the tree, and signs the root that results."""

from datetime import UTC, datetime
from pathlib import Path

from kartini.exchange.log import note
from kartini.exchange.log.files import write_whole
from kartini.exchange.log.keys import Keys
from kartini.exchange.log.leaf import leaf
from kartini.exchange.log.merkle import Tree, hash_leaf
from kartini.exchange.log.store import Seal, Store

MOST = 10_000


class Sealer:
    """One process seals at a time (``store.elected``). ``outside`` is the folder for what an auditor keeps."""

    def __init__(self, store: Store, keys: Keys, origin: str, outside: Path) -> None:
        self.store, self.keys, self.origin, self.outside = store, keys, origin, outside

    def seal(self, at: datetime) -> int:
        """Seal what is new; how many messages that were."""
        messages = self.store.unsealed(MOST)
        if not messages:
            return 0
        newest = self.store.checkpoint()
        size = note.parse(newest).size if newest else 0
        tree = Tree(self.store.tile)
        tiles = tree.extend(size, [hash_leaf(leaf(message)) for message in messages])
        root = tree.root(size + len(messages))
        stamp = at.astimezone(UTC).isoformat(timespec="seconds")
        checkpoint = note.Checkpoint(self.origin, size + len(messages), root, stamp)
        signed = note.sign(checkpoint, self.keys.signing)
        self.store.seal(Seal(size, [message.id for message in messages], tiles, signed))
        self.publish()
        return len(messages)

    def publish(self) -> None:
        """Keep the newest root outside the database: as ``latest``, and one for every hour."""
        signed = self.store.checkpoint()
        if not signed:
            return
        self.outside.mkdir(parents=True, exist_ok=True)
        hour = note.parse(signed).at[:13]
        for name in (f"{hour}.note", "latest"):
            write_whole(self.outside / name, signed)
        write_whole(self.outside / "log.vkeys", "\n".join(self.public_keys()) + "\n")

    def public_keys(self) -> list[str]:
        """For whoever keeps watch: the keys that signed this log, newest first."""
        return [note.verifier_key(self.origin, key.verify_key) for key in self.keys.signing_keys]
