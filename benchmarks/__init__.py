"""Figures, as ratios against a named yardstick measured in the same run. ``make bench``."""
