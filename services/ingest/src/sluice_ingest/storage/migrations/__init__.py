"""The history of ingest's schema."""
