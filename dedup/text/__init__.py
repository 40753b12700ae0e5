"""Texts as people write them: words, sentences, dates, and what words weigh."""
