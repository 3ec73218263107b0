"""What an outside system uses to ask, answer and subscribe. Imports nothing of kartini."""
