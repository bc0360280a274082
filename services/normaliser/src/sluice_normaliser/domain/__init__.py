"""Pure decisions: which observation is which finding, and what a scan changes. No I/O, no clock."""
