"""The history of the schema; `sluice_shared.db` applies it."""
