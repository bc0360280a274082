"""Blocks: the parts of an observation in a declarative map, checked against their contract model at start-up."""

from collections.abc import Callable, Mapping
from typing import Any

from sluice_normaliser.kit import packages
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.expressions import Compiler, Expr, Expression, MapError
from sluice_normaliser.kit.fields import coercer
from sluice_normaliser.kit.filepath import clean_path
from sluice_normaliser.kit.path import Frame, Getter
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    CodeLocation,
    Compliance,
    Evidence,
    Fix,
    HostLocation,
    ImageRef,
    LicenceDetail,
    PackageLocation,
    Reference,
    ResourceLocation,
    SecretDetail,
    Suppression,
    UrlLocation,
    Vex,
)
from sluice_shared.contracts.sparse import Sparse

Finish = Callable[[dict[str, Any]], dict[str, Any] | None]


class Block(Expression):
    """One contract model from several expressions; None when a required field of it has no value."""

    def __init__(self, cls: type[Sparse], fields: Mapping[str, Expr], finish: Finish | None = None) -> None:
        unknown = sorted(set(fields) - set(cls.model_fields))
        if unknown:
            known = ", ".join(name for name in cls.model_fields if name != "type" or cls is SecretDetail)
            raise MapError(f"{cls.__name__} has no field {', '.join(unknown)}; it has {known}")
        self._cls, self._fields, self._finish = cls, fields, finish

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        cls, finish = self._cls, self._finish
        infos = cls.model_fields
        parts = [(name, coercer(infos[name].annotation, name), compiler.compile(e)) for name, e in self._fields.items()]
        required = tuple(name for name, info in infos.items() if info.is_required())

        def build(frame: Frame) -> Sparse | None:
            values: dict[str, Any] = {}
            for name, to_type, getter in parts:
                raw = getter(frame)
                if raw is not None and (value := to_type(raw)) is not None:
                    values[name] = value
            done = finish(values) if finish is not None else values
            if not done:
                return None
            for name in required:
                if done.get(name) is None:
                    return None
            return construct(cls, done)

        return build


def _with_path(values: dict[str, Any]) -> dict[str, Any]:
    path = values.get("path")
    if path:
        values["path"] = clean_path(path)
    return values


def _code(values: dict[str, Any]) -> dict[str, Any]:
    start, end = values.get("start_line"), values.get("end_line")
    if start and end and end < start:
        del values["end_line"]
    return _with_path(values)


def _package(values: dict[str, Any]) -> dict[str, Any] | None:
    fixed = values.get("fixed_versions")
    if fixed:
        values["fixed_versions"] = packages.versions(fixed)
    done = packages.complete(values)
    return None if done is None else _with_path(done)


def code(**fields: Expr) -> Block:
    """Return a span of source text: see ``CodeLocation``."""
    return Block(CodeLocation, fields, _code)


def package(**fields: Expr) -> Block:
    """Return a package: see ``PackageLocation``. A purl is built where it can be; one given fills the rest."""
    return Block(PackageLocation, fields, _package)


def image(**fields: Expr) -> Block:
    """Return the image of a package: see ``ImageRef``."""
    return Block(ImageRef, fields)


def url(**fields: Expr) -> Block:
    """Return a place in a web application: see ``UrlLocation``."""
    return Block(UrlLocation, fields)


def host(**fields: Expr) -> Block:
    """Return a service on a machine: see ``HostLocation``. Port 0 and a negative one are none."""

    def finish(values: dict[str, Any]) -> dict[str, Any] | None:
        if (values.get("port") or 0) <= 0:
            values.pop("port", None)
        if not values.get("host") and values.get("ip"):
            values["host"] = values["ip"]
        return values

    return Block(HostLocation, fields, finish)


def resource(**fields: Expr) -> Block:
    """Return a resource in a cloud, a cluster or in code: see ``ResourceLocation``."""
    return Block(ResourceLocation, fields, _code)


def step(**fields: Expr) -> Block:
    """Return one step of a code flow: see ``CodeFlowStep``."""
    return Block(CodeFlowStep, fields, _with_path)


def fix(**fields: Expr) -> Block:
    """Return what would end the problem: see ``Fix``."""

    def finish(values: dict[str, Any]) -> dict[str, Any]:
        if values.get("fixed_versions"):
            values["fixed_versions"] = packages.versions(values["fixed_versions"])
        return {name: value for name, value in values.items() if value not in (None, [])}

    return Block(Fix, fields, finish)


def reference(**fields: Expr) -> Block:
    """Return where to read more: see ``Reference``."""
    return Block(Reference, fields)


def evidence(**fields: Expr) -> Block:
    """Return what proves it: see ``Evidence``."""
    return Block(Evidence, fields)


def suppression(**fields: Expr) -> Block:
    """Return the scanner's word that it should not count: see ``Suppression``."""
    return Block(Suppression, fields)


def vex(**fields: Expr) -> Block:
    """Return an exploitability statement: see ``Vex``."""
    return Block(Vex, fields)


def licence(**fields: Expr) -> Block:
    """Return a licence: see ``LicenceDetail``."""
    return Block(LicenceDetail, fields)


def compliance(**fields: Expr) -> Block:
    """Return a requirement of a standard: see ``Compliance``."""
    return Block(Compliance, fields)
