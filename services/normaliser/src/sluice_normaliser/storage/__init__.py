"""Tables, queries and migrations of the schema ``normaliser``."""
