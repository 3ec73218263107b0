"""Keep a house in one file, and set it up again from there."""

from kartini.site.backup.commands import group
from kartini.site.backup.house import House, backup, restore

__all__ = ["House", "backup", "group", "restore"]
