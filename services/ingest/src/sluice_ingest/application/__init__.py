"""The use cases of ingest, one a file."""
