"""The contracts: the finding schema, the events and the one table of topics.

Nothing in here does I/O, and nothing in here knows a service. JSON Schemas and the AsyncAPI document in
``docs/`` are generated from these modules (:mod:`sluice_shared.contracts.render`).
"""
