"""The use cases, one a file, each named by its verb."""
