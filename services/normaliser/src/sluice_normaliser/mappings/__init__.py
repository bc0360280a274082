"""Scanners of one's own: ``mappings/*.yaml`` of the configuration folder, made into the same specs as the folders.

How they are written is told in ``docs/own-scanners.md``.
"""

from sluice_normaliser.mappings.read import FOLDER, Mappings, Source, compile_sources, read_folder

__all__ = ["FOLDER", "Mappings", "Source", "compile_sources", "read_folder"]
