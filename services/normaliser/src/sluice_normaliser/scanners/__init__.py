"""Every scanner: one folder each, with its spec, its samples and their golden observations."""
