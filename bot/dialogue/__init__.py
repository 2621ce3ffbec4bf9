"""A message on its way to its reply."""
