"""One reading of one report: what every observation of it has in common, and how an observation is finished."""

from typing import Any

from pydantic import BaseModel

from sluice_normaliser.kit import coerce, redact, text
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.identifiers import cwes, identifiers, make, merge
from sluice_normaliser.kit.links import references
from sluice_normaliser.kit.model import ParseContext, ParsedScan
from sluice_normaliser.kit.packages import closest_fix
from sluice_normaliser.kit.severity import Grade, confidence, grade
from sluice_normaliser.kit.spec import Format, ScannerSpec
from sluice_normaliser.kit.values import RawSecret, Said
from sluice_shared.contracts.finding import (
    CodeLocation,
    Confidence,
    Evidence,
    Fix,
    Identifier,
    Kind,
    Observation,
    PackageLocation,
    ResourceLocation,
    SecretDetail,
    Severity,
)
from sluice_shared.contracts.sparse import Sparse

_NEVER_BLOTTED = frozenset({"path", "digest", "preview", "purl", "rule_id", "scanner", "commit", "fingerprints"})
_EXCHANGES = frozenset({"request", "response", "http"})
_SLUG_LENGTH = 80
_BEYOND_CUT = 8_192

UNNAMED = "unknown"
"""The rule of a result that says nothing by which it could be named."""

HARDCODED_CREDENTIALS = 798
"""The weakness that every leaked secret is (CWE-798); added where the scanner names none."""


class Reading:
    """One reading of one report, handed to a format's functions.

    ``observe`` builds an observation from a map's or a function's values. Parsers that find several tools in one
    report set ``scanner``, ``scanner_name`` and ``scanner_version`` before they go on.
    """

    def __init__(self, context: ParseContext, spec: ScannerSpec, format_: Format) -> None:
        self.context = context
        self.spec = spec
        self.format = format_.name
        self.scanner = spec.id
        self.scanner_name: str | None = None
        self.scanner_version: str | None = None

    def scan(self, **values: Any) -> ParsedScan:
        """Return a scan of the present scanner; ``values`` are further fields of ``ParsedScan``."""
        return ParsedScan(self.scanner, self.scanner_name, self.scanner_version, **values)

    def observe(self, **values: Any) -> Observation:
        """Return an observation from fields that are typed already, or nearly so.

        Beside the contract's own types it takes ``severity`` as a ``Grade`` or as the scanner's word, ``confidence``
        as a word or a number, ``status`` as a ``Said``, ``identifiers`` and ``cwes`` in any form, ``references`` as
        URLs, ``evidence`` as ``{type: text}``, and ``secret`` as a ``RawSecret``.
        """
        listed = values.get("references")
        if listed and not all(isinstance(each, BaseModel) for each in listed):
            values["references"] = references(listed)
        shown = values.get("evidence")
        if isinstance(shown, dict):
            values["evidence"] = [evidence_of(kind, words) for kind, words in shown.items() if coerce.text(words)]
        for name in ("message", "description", "rule_name", "title", "rule_id"):
            if name in values:
                values[name] = coerce.text(values[name])
        named = values.get("identifiers")
        if named and not all(isinstance(each, Identifier) for each in named):
            values["identifiers"] = identifiers(named)
        if "cwes" in values:
            values["cwes"] = cwes(values["cwes"])
        return self.finish({name: value for name, value in values.items() if value is not None})

    def finish(self, values: dict[str, Any]) -> Observation:
        """Return the observation of values that have their types; fills what follows from them, hides secrets."""
        values["scanner"] = self.scanner
        values["scanner_name"] = self.scanner_name
        values["scanner_version"] = self.scanner_version
        values["format"] = self.format
        _grade(values)
        _name(values)
        _weaknesses(values)
        _remedy(values)
        raw = values.get("secret")
        if raw.__class__ is RawSecret:
            return self._with_secret(values, raw)
        if values["kind"] is Kind.SECRET:
            return self._with_secret(values, RawSecret(raw or construct(SecretDetail, {}), ()))
        _limit(values)
        return construct(Observation, values)

    def _with_secret(self, values: dict[str, Any], raw: RawSecret) -> Observation:
        detail = raw.detail
        if not raw.values and (token := _token(values)) is not None:
            raw = RawSecret(detail, (token,))
        hidden: list[str] = []
        for number, words in enumerate(raw.values):
            # the first is the secret itself where the scanner gave it; a match holds more around it
            own = words if number == 0 and len(raw.values) > 1 else redact.secret_in(words)
            if own and not redact.is_censored(own):
                if detail.digest is None:
                    detail.digest = redact.digest(own, self.context.secret_key)
                    detail.preview = redact.preview(own)
                hidden.append(own)
        if detail.preview is None and raw.values:
            detail.preview = "***"
        values["secret"] = detail
        observation = construct(Observation, values)
        blotter = redact.Blotter(dict.fromkeys(hidden))
        blot(observation, blotter, literals=not hidden)
        _limit(observation.__dict__)
        return observation


def _token(values: dict[str, Any]) -> str | None:
    """Return the secret where the scanner does not name it but its form or its place gives it away."""
    snippet = getattr(values.get("location"), "snippet", None)
    texts = [snippet, values.get("message"), *(proof.text for proof in values.get("evidence") or ())]
    token = next((found for words in texts if words and (found := redact.token_in(words))), None)
    return token or (redact.likely_secret_in(snippet) if snippet else None)


def evidence_of(kind: str, words: Any) -> Evidence:
    """Return evidence of any text, with credentials in HTTP exchanges hidden."""
    return construct(Evidence, {"type": kind, "text": coerce.text(words) or ""})


def _grade(values: dict[str, Any]) -> None:
    given = values.get("severity")
    if given.__class__ is not Grade and given is not None:
        given = Grade(given, values.get("scanner_severity")) if isinstance(given, Severity) else grade(given)
    if given is not None:
        values["severity"] = given.severity
        if (word := coerce.text(given.raw)) is not None:
            values["scanner_severity"] = word
        if given.source is not None:
            values["severity_source"] = given.source
    sure = values.get("confidence")
    if sure is not None and sure.__class__ is not Confidence:
        values["scanner_confidence"] = coerce.text(sure)
        values["confidence"] = confidence(sure)
    said = values.get("status")
    if said.__class__ is Said:
        values["status"] = said.status
        if (raw := coerce.text(said.raw)) is not None:
            values["scanner_status"] = raw


def _name(values: dict[str, Any]) -> None:
    """Give the observation a title and a rule, from whatever it has that comes closest."""
    title = coerce.line(values.get("title"))
    if title is None:
        for name in ("rule_name", "message", "description", "rule_id"):
            words = values.get(name)
            if words:
                title = coerce.line(text.first_sentence(text.strip_ansi(words)))
                if title:
                    break
    rule = coerce.line(values.get("rule_id"))
    if rule is None:
        named = values.get("identifiers")
        rule = named[0].value if named else slug(values.get("rule_name") or title or "") or UNNAMED
    values["rule_id"] = rule
    values["title"] = text.clip(title or rule, text.TITLE_LENGTH)


def slug(words: str) -> str:
    """Return words as a stable id: lower case, underscores for everything else."""
    parts = "".join(char if char.isalnum() else " " for char in words.lower()).split()
    return "_".join(parts)[:_SLUG_LENGTH].strip("_")


def _weaknesses(values: dict[str, Any]) -> None:
    """Keep ``cwes`` and the identifiers of type ``cwe`` in step."""
    numbers: list[int] = values.get("cwes") or []
    named: list[Identifier] = values.get("identifiers") or []
    if not numbers and values["kind"] is Kind.SECRET and not any(each.type == "cwe" for each in named):
        values["cwes"] = [HARDCODED_CREDENTIALS]
        values["identifiers"] = [*named, make("cwe", f"CWE-{HARDCODED_CREDENTIALS}", source="sluice")]
        return
    if not numbers and not named:
        return
    from_names = [int(each.value[4:]) for each in named if each.type == "cwe"]
    if from_names:
        numbers = list(dict.fromkeys([*numbers, *from_names]))
    if len(from_names) < len(numbers):
        named = merge([*named, *(make("cwe", f"CWE-{number}") for number in numbers)])
    elif len(named) > 1:
        named = merge(named)
    if numbers:
        values["cwes"] = numbers
    values["identifiers"] = named


def _remedy(values: dict[str, Any]) -> None:
    """Say in one line what ends the problem of a package, the same for all findings that one upgrade ends."""
    package = values.get("location")
    if package.__class__ is not PackageLocation or not package.fixed_versions:
        return
    given = values.get("fix")
    remedy: dict[str, Any] = {} if given is None else given.said()
    remedy.setdefault("fixed_versions", package.fixed_versions)
    remedy.setdefault("available", True)
    if "action" not in remedy:
        target = closest_fix(package.version, package.fixed_versions)
        remedy["action"] = f"upgrade {package.name} to {target}"
    values["fix"] = construct(Fix, remedy)


def _limit(values: dict[str, Any]) -> None:
    """Cut what is longer than a row should hold, and hide credentials in evidence and snippets."""
    for name in ("description", "message"):
        words = values.get(name)
        if words and len(words) > text.TEXT_LENGTH:
            values[name] = text.clip(words, text.TEXT_LENGTH)
    for proof in values.get("evidence") or ():
        words = text.strip_ansi(proof.text)
        if len(words) > text.EVIDENCE_LENGTH:  # a secret that begins before the cut is whole with what stands behind
            words, proof.truncated = words[: text.EVIDENCE_LENGTH + _BEYOND_CUT], True
        words = redact.scrub_exchange(words) if proof.type in _EXCHANGES else redact.scrub_tokens(words)
        if len(words) > text.EVIDENCE_LENGTH:
            words, proof.truncated = text.clip(words, text.EVIDENCE_LENGTH), True
        proof.text = words
    location = values.get("location")
    if location.__class__ is CodeLocation or location.__class__ is ResourceLocation:
        limit_snippet(location)


def limit_snippet(location: Any) -> None:
    """Cut a location's snippet to its length, without colours and tokens."""
    snippet = location.snippet
    if snippet:
        location.snippet = redact.scrub_tokens(text.clip(text.strip_ansi(snippet), text.SNIPPET_LENGTH))


def blot(observation: Observation, blotter: redact.Blotter, *, literals: bool = False) -> None:
    """Blot secrets out of every text of an observation; what is shared with others is replaced, never changed.

    With ``literals`` the value of the secret is not known, so all quoted literals of snippets go.
    """
    observation.__dict__.update(_blotted_state(observation, blotter, literals=literals))


def _blotted_state(model: Sparse, blotter: redact.Blotter, *, literals: bool) -> dict[str, Any]:
    """Return those values of a model that are other ones without the secrets."""
    changed: dict[str, Any] = {}
    for name, value in model.__dict__.items():
        if value is None or name in _NEVER_BLOTTED:
            continue
        clean = _blotted(value, blotter, literals=literals, is_code=name in {"snippet", "text"})
        if clean is not value:
            changed[name] = clean
    return changed


def _blotted(value: Any, blotter: redact.Blotter, *, literals: bool, is_code: bool = False) -> Any:
    if value.__class__ is str:
        words = redact.scrub_tokens(blotter.text(value))
        words = redact.scrub_literals(words) if literals and is_code else words
        return value if words == value else words
    if isinstance(value, Sparse):
        changed = _blotted_state(value, blotter, literals=literals)
        return construct(value.__class__, {**value.__dict__, **changed}) if changed else value
    if value.__class__ is list and value and isinstance(value[0], (Sparse, list)):
        clean = [_blotted(each, blotter, literals=literals) for each in value]
        return clean if any(new is not old for new, old in zip(clean, value, strict=True)) else value
    return blotter.any(value) if isinstance(value, (list, dict)) else value
