"""The platform's own secrets, made once and kept in its data folder for its owner alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PlatformSecrets:
    """``secret_key`` keys digests and signs between services; ``admin_token`` is the first token."""

    secret_key: str
    admin_token: str


def load_or_make(path: Path) -> PlatformSecrets:
    """Return the folder's secrets; ``SLUICE_SECRET_KEY`` and ``SLUICE_BOOTSTRAP_TOKEN`` come before them."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    made = PlatformSecrets(
        secret_key=os.environ.get("SLUICE_SECRET_KEY") or kept.get("secret_key") or secrets.token_hex(32),
        admin_token=os.environ.get("SLUICE_BOOTSTRAP_TOKEN")
        or kept.get("admin_token")
        or f"slu_{secrets.token_urlsafe(32)}",
    )
    if asdict(made) != kept:
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(made)))
    return made
