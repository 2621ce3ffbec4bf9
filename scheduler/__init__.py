"""What happens because time passes. The clock ticks here; work is done by the worker."""
