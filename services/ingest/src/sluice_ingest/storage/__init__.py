"""Tables, queries and files of ingest."""
