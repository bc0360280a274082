"""HTTP routes and stream subscribers of ingest."""
