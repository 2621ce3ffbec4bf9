"""Casework: applications, leads, cases, tickets, and the people who work on them."""
