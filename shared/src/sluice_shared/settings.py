"""Settings of a service, from the environment alone.

Every setting is a variable `SLUICE_<NAME>`; `SLUICE_<SERVICE>_<NAME>` beats it for one service. Every secret may also
be given as `<VARIABLE>_FILE`, the path of a file that holds it (Docker and Kubernetes secrets).
"""

import functools
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NoReturn, Self, TypeVar, get_args

import orjson
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

DEFAULT_PORTS: Mapping[str, int] = {"ingest": 8080, "normaliser": 8081, "risk-index": 8082, "notifier": 8083}
EXIT_WRONG_SETTINGS = 2
_RENAMED = {"config_dir": "CONFIG"}


class SettingsError(Exception):
    """The environment does not make a valid configuration; `problems` are lines that each name a variable."""

    def __init__(self, service: str, problems: list[str]) -> None:
        super().__init__(service, problems)
        self.service = service
        self.problems = problems

    def __str__(self) -> str:
        count = "a setting is" if len(self.problems) == 1 else f"{len(self.problems)} settings are"
        return "\n".join([f"sluice {self.service} cannot start, {count} wrong:", *(f"  {p}" for p in self.problems)])


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a settings field holds a secret, and so may be given as a file."""
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def variables(service: str, name: str) -> list[str]:
    """Names of the variables that set the field `name`, strongest first, without the `_FILE` forms."""
    own = "SLUICE_" + service.upper().replace("-", "_")
    variable = _RENAMED.get(name, name.upper())
    if name == "port":  # one port cannot be shared by four services
        return [f"{own}_{variable}"]
    return [f"{own}_{variable}", f"SLUICE_{variable}"]


class EnvironmentSource(PydanticBaseSettingsSource):
    """Reads the fields of a settings class from the environment; raises :class:`SettingsError`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the text that is set for a field, or None."""
        service: str = getattr(self.settings_cls, "service", "")
        for variable in variables(service, field_name):
            text = self._read(service, variable, secret=is_secret(field))
            # Kubernetes sets SLUICE_INGEST_PORT=tcp://… by itself for a Service named sluice-ingest.
            if text is not None and not (field_name == "port" and text.startswith("tcp://")):
                return text, field_name, self.field_is_complex(field)
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return what is set, by field."""
        values: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            text, _, is_complex = self.get_field_value(field, name)
            if text is not None:
                values[name] = _split(text) if is_complex else text
        return values

    @staticmethod
    def _read(service: str, variable: str, *, secret: bool) -> str | None:
        text = os.environ.get(variable) or None
        path = os.environ.get(f"{variable}_FILE") if secret else None
        if not path:
            return text
        if text is not None:
            raise SettingsError(service, [f"{variable} and {variable}_FILE are both set; keep one of them"])
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError(service, [f"{variable}_FILE: cannot read {path}: {why}"]) from error


def _split(text: str) -> Any:
    """Read a list or a mapping: as JSON when it looks like it, else as parts between commas."""
    if text.lstrip().startswith(("[", "{")):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


class ServiceSettings(BaseSettings):
    """What every service is told; a service adds its own fields, each with a description."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    service: ClassVar[str] = "sluice"

    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 in a container")
    port: int = Field(ge=0, le=65535, description="Port to listen on")
    database_url: SecretStr = Field(description="PostgreSQL of this service: postgresql://user:password@host:5432/name")
    redis_url: SecretStr = Field(
        description="Redis: redis://, rediss://, redis+cluster:// or redis+sentinel://host1,host2/master"
    )
    blob_url: str = Field(
        description="Object store of raw report bodies: file:///var/lib/sluice/blobs, s3://…, gs://…, az://…"
    )
    config_dir: Path | None = Field(
        default=None, description="Folder of policy.yaml, routes.yaml and the like; built-in defaults without it"
    )
    partitions: int = Field(
        default=1, ge=1, le=1024, description="Partitions of every stream; the same for all services"
    )
    ingest_url: str = Field(default="http://127.0.0.1:8080", description="Where ingest introspects tokens")
    public_url: str = Field(
        default="http://127.0.0.1:8082", description="risk-index as people reach it, for the links in alerts"
    )
    secret_key: SecretStr = Field(
        description="Keys the digests of secrets and signs between services; the same for all, at least 16 "
        "characters; openssl rand -hex 32 makes one"
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["json", "console"] = Field(default="json", description="json, or console for a person's eyes")
    database_pool_size: int = Field(default=8, ge=1, le=512, description="Connections to PostgreSQL at most")
    claim_scale: float = Field(
        default=1.0,
        gt=0,
        le=100,
        description="Multiplies the time after which the events of a consumer that fell silent go to another one: "
        "30 s, for large reports 60 s; the same for all services",
    )
    statement_timeout: float = Field(default=60.0, gt=0, description="Seconds after which PostgreSQL ends a statement")
    lock_timeout: float = Field(default=15.0, gt=0, description="Seconds a statement waits for a lock at most")
    shutdown_grace: float = Field(default=20.0, ge=0, description="Seconds that a stopping service may take")

    @property
    def consumer_name(self) -> str:
        """Name of this process among the consumers of a group: host-pid-random, stable while it lives."""
        return _consumer_name()

    @field_validator("log_level", mode="before")
    @classmethod
    def _known_level(cls, value: Any) -> Any:
        level = str(value).upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise ValueError("not a level; write DEBUG, INFO, WARNING or ERROR")
        return level

    @field_validator("database_url", "redis_url")
    @classmethod
    def _known_scheme(cls, value: SecretStr, info: Any) -> SecretStr:
        prefixes = ("postgres",) if info.field_name == "database_url" else ("redis", "unix")
        text = value.get_secret_value()
        if "://" not in text or not text.startswith(prefixes):
            raise ValueError(f"not a URL of the kind that is wanted; it begins with {prefixes[0]}…://")
        return value

    @field_validator("blob_url", "ingest_url", "public_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and "://" not in value:
            raise ValueError("not a URL; it begins with a scheme such as file:/// or https://")
        return value if value.endswith("://") or value == "file:///" else value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        shortest = 16
        if len(value.get_secret_value()) < shortest:
            raise ValueError(f"shorter than {shortest} characters; make one with: openssl rand -hex 32")
        return value

    @model_validator(mode="before")
    @classmethod
    def _default_port(cls, data: Any) -> Any:
        if isinstance(data, dict) and "port" not in data and cls.service in DEFAULT_PORTS:
            return {**data, "port": DEFAULT_PORTS[cls.service]}
        return data

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the caller passes, then the environment by this module's rules, and nothing else."""
        return init_settings, EnvironmentSource(settings_cls)

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read the settings; raises :class:`SettingsError`. `given` beats the environment."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError(cls.service, [_explain(cls, line) for line in error.errors()]) from None


S = TypeVar("S", bound=ServiceSettings)


def load_settings(cls: type[S]) -> S:
    """Read the settings of a service, or end the process with exit status 2 and a line for each wrong variable."""
    try:
        return cls.read()
    except SettingsError as error:
        refuse(error)


def refuse(error: Exception) -> NoReturn:
    """End the process because of how it was set up."""
    sys.stderr.write(f"{error}\n")
    raise SystemExit(EXIT_WRONG_SETTINGS)


def _explain(cls: type[ServiceSettings], line: Any) -> str:
    """Say in one line which variable is wrong, how, and what to write."""
    if not line["loc"]:
        return str(line["msg"]).removeprefix("Value error, ")
    name = str(line["loc"][0])
    field = cls.model_fields[name]
    names = variables(cls.service, name)
    if line["type"] == "missing":
        others = [*names[:-1], *([f"{names[-1]}_FILE"] if is_secret(field) else [])]
        nor = f" (nor {' nor '.join(others)})" if others else ""
        return f"{names[-1]} is not set{nor}: {field.description}"
    variable = next((n for n in names if os.environ.get(n) or os.environ.get(f"{n}_FILE")), names[-1])
    shown = "" if is_secret(field) else f" (it is {str(line['input'])[:80]!r})"
    message = str(line["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{variable}: {message}{shown}. {field.description}"


@functools.cache
def _consumer_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True)
class SettingDoc:
    """One setting as the documentation has to show it.

    `variable` is the name most people will use, `also` are the other names; `default` is None where one must be set.
    """

    name: str
    variable: str
    also: tuple[str, ...]
    default: str | None
    required: bool
    secret: bool
    description: str


def documented_settings(cls: type[ServiceSettings]) -> list[SettingDoc]:
    """List every setting of a service, in the order of its fields."""
    return [_document(cls, name, field) for name, field in cls.model_fields.items()]


def _document(cls: type[ServiceSettings], name: str, field: FieldInfo) -> SettingDoc:
    names = variables(cls.service, name)
    also = names[:-1] + ([f"{n}_FILE" for n in reversed(names)] if is_secret(field) else [])
    default = field.get_default(call_default_factory=True)
    if name == "port":
        default = DEFAULT_PORTS.get(cls.service, PydanticUndefined)
    required = default is PydanticUndefined
    shown = None if required else "" if default is None else str(default)
    return SettingDoc(
        name=name,
        variable=names[-1],
        also=tuple(also),
        default=shown,
        required=required,
        secret=is_secret(field),
        description=field.description or "",
    )
