"""The stand-alone verifier of the message log. One file, no Django, imports nothing of kartini."""


def main() -> None:
    """Filled in with the log."""
