"""One source in ``sources.yaml``: who may deliver reports by webhook, and what they are about.

Nothing secret is in the file: a source names the environment variable or the file that holds its secret.
"""

from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from sluice_ingest.domain.pointer import PointerError, Template, check_pointer
from sluice_ingest.domain.refusal import Refused
from sluice_ingest.domain.submission import check_asset

_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$"
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"


def _well_formed_template(text: str) -> str:
    if "{" in text and not Template(text).pointers:
        raise PointerError(f"'{text}' has a brace but no pointer; write for example repo:github.com/{{/repository}}")
    return text


TemplateText = Annotated[str, AfterValidator(_well_formed_template)]
Header = Annotated[str, Field(pattern=_HEADER)]


class Signature(StrEnum):
    """How a source signs what it sends."""

    HMAC_SHA256 = "hmac-sha256"
    STANDARD_WEBHOOKS = "standard-webhooks"


class Source(BaseModel):
    """One sender of webhooks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=_NAME, description="In the address: /v1/webhooks/<provider>/<name>")
    provider: str = Field(default="generic", description="Whose webhooks they are")
    secret_env: str | None = Field(
        default=None, pattern=_VARIABLE, description="Environment variable that holds the secret"
    )
    secret_file: Path | None = Field(
        default=None, description="File that holds the secret, relative to this one; read at every delivery"
    )
    signature: Signature = Field(
        default=Signature.HMAC_SHA256,
        description="hmac-sha256: hex HMAC-SHA-256 of the raw body in `header`; standard-webhooks: the three "
        "webhook-* headers of standardwebhooks.com",
    )
    header: Header = Field(default="X-Sluice-Signature-256", description="Header of the HMAC; sha256= may precede it")
    timestamp_header: Header | None = Field(
        default=None,
        description="Header of the sending time, seconds since 1970; the HMAC is then over '<timestamp>.<body>'",
    )
    tolerance: float = Field(default=300.0, gt=0, le=86400, description="Seconds a signed time may be off, both ways")
    delivery_id_header: Header | None = Field(
        default=None, description="Header that names the delivery: one that comes again is taken once"
    )
    asset: TemplateText | None = Field(
        default=None, description="Asset key, or a template such as repo:github.com/{/repository/full_name}"
    )
    asset_pointer: str | None = Field(default=None, description="JSON pointer to the asset key in the body")
    assets: list[str] = Field(
        default_factory=list, description="Globs of the asset keys that the source may speak for; none means all"
    )
    scanner: str | None = None
    ref: TemplateText | None = None
    commit: TemplateText | None = None
    category: TemplateText | None = None
    complete: bool = True

    @field_validator("asset_pointer")
    @classmethod
    def _pointer(cls, value: str | None) -> str | None:
        return None if value is None else check_pointer(value)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.secret_env is None) == (self.secret_file is None):
            raise ValueError("say where the secret is: either secret_env or secret_file")
        if (self.asset is None) == (self.asset_pointer is None):
            raise ValueError("say which asset it is about: either asset or asset_pointer")
        if self.asset is not None and "{" not in self.asset:
            try:
                check_asset(self.asset)
            except Refused as refused:
                raise ValueError(refused.detail) from refused
            if not self.covers(self.asset):
                raise ValueError(f"none of the globs in assets covers the asset {self.asset}")
        return self

    def covers(self, asset: str) -> bool:
        """Tell whether the source may speak for this asset key; case counts."""
        return not self.assets or any(fnmatchcase(asset, glob) for glob in self.assets)

    @property
    def reads_body(self) -> bool:
        """True when the body has to be read as JSON to know what it is about."""
        templates = (self.asset, self.ref, self.commit, self.category)
        return self.asset_pointer is not None or any(text is not None and "{" in text for text in templates)
