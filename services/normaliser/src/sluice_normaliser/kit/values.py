"""Expressions of a map whose values mean more than one field: secrets, ratings, identifiers, severities, statuses."""

from collections.abc import Mapping
from typing import NamedTuple

from sluice_normaliser.kit import coerce, cvss
from sluice_normaliser.kit.blocks import Block
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.expressions import Compiler, Expr, Expression
from sluice_normaliser.kit.fields import stripped
from sluice_normaliser.kit.identifiers import identifiers, make
from sluice_normaliser.kit.path import Frame, Getter
from sluice_normaliser.kit.severity import Grade, grade
from sluice_shared.contracts.finding import Identifier, ObservationStatus, RatingMethod, SecretDetail


class RawSecret(NamedTuple):
    """A secret on its way to its digest: the details, and the secret texts themselves."""

    detail: SecretDetail
    values: tuple[str, ...]


class secret(Expression):  # noqa: N801 - reads as a function in a map
    """A leaked secret. ``value`` is the secret itself, ``match`` text that holds it; the rest is ``SecretDetail``.

    Neither leaves the kit: the value becomes a keyed digest and a preview, and is blotted out of the observation.
    """

    def __init__(self, *, value: Expr | None = None, match: Expr | None = None, **fields: Expr) -> None:
        self._value, self._match = value, match
        self._block = Block(SecretDetail, fields, lambda values: {"type": None, **values})

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        build = self._block.compile(compiler)
        value: Getter = (lambda _: None) if self._value is None else compiler.compile(self._value)
        match: Getter = (lambda _: None) if self._match is None else compiler.compile(self._match)

        def raw(frame: Frame) -> RawSecret:
            detail = build(frame)
            given, whole = coerce.text(value(frame)), coerce.text(match(frame))
            return RawSecret(
                detail if isinstance(detail, SecretDetail) else construct(SecretDetail, {}),
                tuple(words for words in (given, whole) if words),
            )

        return raw


class rating(Expression):  # noqa: N801
    """A CVSS (or other) rating: ``source, vector, score, severity, method, version, as_of``; see ``kit.cvss``."""

    def __init__(
        self,
        source: Expr,
        *,
        vector: Expr | None = None,
        score: Expr | None = None,
        severity: Expr | None = None,
        version: Expr | None = None,
        as_of: Expr | None = None,
        method: RatingMethod | None = None,
    ) -> None:
        self._source, self._method = source, method
        given = {"vector": vector, "score": score, "severity": severity, "version": version, "as_of": as_of}
        self._fields = {name: value for name, value in given.items() if value is not None}

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        source, method = compiler.compile(self._source), self._method
        parts = [(name, compiler.compile(value)) for name, value in self._fields.items()]
        return lambda frame: cvss.rating(source(frame), method=method, **{name: get(frame) for name, get in parts})


class epss(Expression):  # noqa: N801
    """An EPSS rating: probability and percentile, both 0-1."""

    def __init__(self, score: Expr, percentile: Expr | None = None, as_of: Expr | None = None) -> None:
        self._parts = (score, percentile, as_of)

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        getters = [compiler.compile(part) for part in self._parts if part is not None]
        return lambda frame: cvss.epss(*[getter(frame) for getter in getters])


class ident(Expression):  # noqa: N801
    """Identifiers in a value; what has no known scheme is of type ``otherwise`` (say ``"vendor"`` or ``"snyk"``).

    With ``scheme`` every text is of that type, whatever it looks like.
    """

    def __init__(
        self,
        value: Expr,
        otherwise: str | None = None,
        *,
        scheme: str | None = None,
        source: Expr | None = None,
    ) -> None:
        self._value, self._otherwise, self._scheme, self._source = value, otherwise, scheme, source

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        get, fixed, otherwise = compiler.compile(self._value), self._scheme, self._otherwise
        origin: Getter = (lambda _: None) if self._source is None else compiler.compile(self._source)

        def find(frame: Frame) -> list[Identifier]:
            source = coerce.text(origin(frame))
            if fixed is not None:
                return [make(fixed, words, source=source) for words in coerce.strings(get(frame))]
            return identifiers(get(frame), source=source, otherwise=otherwise)

        return find


class by(Expression):  # noqa: N801
    """A severity: ``by("path", "table")``; several are alternatives, in order: ``severity=[by(…), by(…)]``."""

    def __init__(self, value: Expr, table: str = "words", source: Expr | None = None) -> None:
        grade("x", table)  # an unknown table is a mistake at start-up
        self._value, self._table, self._source = value, table, source

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        get, table = compiler.compile(self._value), self._table
        origin: Getter = (lambda _: None) if self._source is None else compiler.compile(self._source)

        def place(frame: Frame) -> Grade:
            return grade(get(frame), table, coerce.text(origin(frame)))

        return place


class Said(NamedTuple):
    """A status, as normalised and as said."""

    status: ObservationStatus
    raw: str | None = None


class status(Expression):  # noqa: N801
    """``status("path", {"FAIL": ObservationStatus.OPEN, …})``; what the table does not know is open."""

    def __init__(
        self,
        value: Expr,
        table: Mapping[str, ObservationStatus],
        default: ObservationStatus = ObservationStatus.OPEN,
    ) -> None:
        self._value, self._default = value, default
        self._table = {key.lower(): meant for key, meant in table.items()}

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        get, table, default = compiler.compile(self._value), self._table, self._default

        def find(frame: Frame) -> Said:
            raw = stripped(get(frame))
            return Said(default if raw is None else table.get(raw.lower(), default), raw)

        return find
