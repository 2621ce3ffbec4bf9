"""Figures and exports."""
