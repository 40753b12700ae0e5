"""Compositions of the stages for a whole dump, and where their arrays are kept."""
