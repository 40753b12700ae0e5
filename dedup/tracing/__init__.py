"""Whose copy an article is: credits, sentence alignment, origin, explanations."""
