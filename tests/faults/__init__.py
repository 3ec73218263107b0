"""Kill -9, again and again: make faults."""
