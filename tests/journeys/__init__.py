"""What crosses systems and processes, walked from end to end."""
