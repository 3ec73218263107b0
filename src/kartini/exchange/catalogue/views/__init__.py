"""The doors of the catalogue: pages for people, files and descriptions for machines. All are public and read only."""
