"""What this installation can carry, measured on the machine at hand: ``make bench``."""
