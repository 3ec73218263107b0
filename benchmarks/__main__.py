"""Run every benchmark, or those named: python -m benchmarks [NAME …]."""

import importlib
import os
import pkgutil
import sys

import benchmarks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")


def main(wanted: list[str]) -> None:
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module.startswith("_") or (wanted and module not in wanted):
            continue
        room = importlib.import_module(f"benchmarks.{module}")
        if getattr(room, "BY_NAME", False) and module not in wanted:
            continue
        print(f"\n{room.NAME}")
        for line in room.run():
            print(f"  {line}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
