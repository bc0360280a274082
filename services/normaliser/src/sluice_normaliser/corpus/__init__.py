"""Judges the scanners against a corpus of real reports with expected figures.

``python -m sluice_normaliser.corpus FOLDER [--tool NAME]`` reads ``FOLDER/expectations.json`` and the reports under
``FOLDER/reports/``, and prints a table by tool, by tier, and what it comes to. Its exit status is 1 when a count of an
implemented tool differs and ``ScannerSpec.differences`` does not say why, when a report that must be refused is not,
or when one is not read.

What is compared: the number of observations with the number of records in the raw file (else with what the reference
parser made of it); identifiers, CWEs, paths, lines, packages and hosts as recall; severities only where the report
itself says critical, high, medium, low or info. Recall is of what the report says: what the reference adds of its own
(a weakness for every outdated package, a name it puts together) is told apart, and so is what a scanner's
``ScannerSpec.misses`` explains.
"""

from sluice_normaliser.corpus.command import main

__all__ = ["main"]
