"""Values that come from the environment or from a file, so that a configuration file holds no secret."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from sluice_notifier.domain.outcome import Reason, Retryable

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Where a secret is: a text with ``${VARIABLE}`` in it, or a file. Read at every use, so it can be rotated."""

    template: str = ""
    file: Path | None = None

    def read(self) -> str:
        """Return the secret. Raises Retryable (auth) when it is not there now."""
        if self.file is None:
            text, unset = expand(self.template)
            if unset:
                raise Retryable(
                    Reason.AUTH, f"the environment variable {unset[0]} is not set; the operator has to set it"
                )
        else:
            text = self._read_file(self.file)
        if not text:
            raise Retryable(Reason.AUTH, f"{self} is empty; the operator has to fill it")
        return text

    def __repr__(self) -> str:
        return f"the file {self.file}" if self.file is not None else f"the setting {self.template}"

    @staticmethod
    def _read_file(path: Path) -> str:
        try:
            with path.open("rb") as file:
                return file.read(_MAX_BYTES).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise Retryable(Reason.AUTH, f"the secret's file {path} cannot be read: {why}") from None

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic take a text with a variable in it, or what :func:`from_references` made."""
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def _validate(cls, value: Any) -> "Secret":
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and _VARIABLE.search(value):
            return cls(template=value)
        raise ValueError(
            "a secret must not stand in the file; write ${VARIABLE}, or add _env (a variable's name) or _file (a path) "
            "to the option's name"
        )


def from_references(name: str, values: dict[str, Any]) -> None:
    """Replace ``<name>_env`` and ``<name>_file`` in ``values`` by a :class:`Secret` under ``name``, in place.

    Raises ValueError when two of the three forms are given, or one is malformed.
    """
    given = [form for form in (name, f"{name}_env", f"{name}_file") if form in values]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} are both given; keep one of them")
    if f"{name}_env" in values:
        variable = values.pop(f"{name}_env")
        if not isinstance(variable, str) or not _NAME.fullmatch(variable):
            raise ValueError(f"{name}_env has to be the name of an environment variable; write for example MY_SECRET")
        values[name] = Secret(template=f"${{{variable}}}")
    if f"{name}_file" in values:
        path = values.pop(f"{name}_file")
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise ValueError(f"{name}_file has to be a whole path; write for example /run/secrets/my-secret")
        values[name] = Secret(file=Path(path))


def expand(text: str) -> tuple[str, list[str]]:
    """Put the environment's values in for each ``${VARIABLE}``; return the text and the names that are not set."""
    unset = [name for name in _VARIABLE.findall(text) if not os.environ.get(name)]
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], ""), text), unset


def expand_plain(value: Any, *, keep: bool) -> Any:
    """Put the environment's values into an option that is no secret, down through lists and mappings.

    A text in which a variable is not set stays as it is written when ``keep``; else it becomes None.
    """
    if isinstance(value, str) and _VARIABLE.search(value):
        text, unset = expand(value)
        return (value if keep else None) if unset else text
    if isinstance(value, list):
        expanded = [expand_plain(item, keep=keep) for item in value]
        return [item for item in expanded if item is not None]
    if isinstance(value, dict):
        return {name: expand_plain(item, keep=keep) for name, item in value.items()}
    return value


def still_unset(text: str) -> str | None:
    """Return the first variable that a text still names because it was not set, or None."""
    found = _VARIABLE.search(text)
    return found[1] if found else None
