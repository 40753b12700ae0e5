"""Scores against labels that people gave."""
