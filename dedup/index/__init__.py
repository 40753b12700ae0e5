"""The ingest index: an article at a time, against all that came before."""
