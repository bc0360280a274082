"""Pure decisions: whom to tell, what together, when, and in which words."""
