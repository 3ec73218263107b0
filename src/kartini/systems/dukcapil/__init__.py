"""Dukcapil: the connector to the civil registry. It keeps nothing; it asks, checks the answer, and translates."""
