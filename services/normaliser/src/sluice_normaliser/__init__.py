"""The normaliser: parses a report, recognises each finding it has seen before, publishes only what changed."""
