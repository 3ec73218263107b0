"""What every room is furnished with: pages, components, numbers, dates, identifiers. No tables."""
