"""The doors: one question or one verb each."""
