"""Ingest: the HTTP edge that authenticates, stores the raw report, answers 202 and publishes a reference."""
