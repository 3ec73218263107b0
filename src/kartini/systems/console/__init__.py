"""Console: where Diskominfo sees and decides what passes over the exchange, and everybody sees who may ask what."""
