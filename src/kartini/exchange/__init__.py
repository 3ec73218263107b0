"""The exchange: the only way from one system to another, and in and out of the house."""
