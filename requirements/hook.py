"""The wheel's dependencies are the lines of base.in, so that there is one list."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class CustomMetadataHook(MetadataHookInterface):
    def update(self, metadata):
        lines = (Path(self.root) / "requirements" / "base.in").read_text().splitlines()
        needs = [line.split("#")[0].strip() for line in lines]
        metadata["dependencies"] = [need for need in needs if need]
