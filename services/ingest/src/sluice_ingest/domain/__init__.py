"""Pure decisions of ingest: no I/O, no clock, no broker; time is passed in."""
