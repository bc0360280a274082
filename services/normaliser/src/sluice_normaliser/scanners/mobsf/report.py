"""What MobSF's report of a static analysis says, section by section; they differ for Android, iOS and Windows."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    code,
    const,
    construct,
    first,
    ident,
    join,
    plain,
    rating,
    resource,
    secret,
    status,
    template,
    when,
)
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import CodeLocation, Kind, ObservationStatus, RatingMethod

_OPEN, _NOTED, _PASSED = ObservationStatus.OPEN, ObservationStatus.INFORMATIONAL, ObservationStatus.PASSED
_DIGITS = 9

_APP = resource(
    resource="$.package_name | $.bundle_id | $.packagename | $.app_name | $.file_name",
    name="$.app_name | $.file_name",
    resource_type="$.app_type",
)
_VERDICTS = {"good": _PASSED, "secure": _PASSED, "suppressed": ObservationStatus.SUPPRESSED}
_HARDENING = {**_VERDICTS, "info": _NOTED}
_PERMISSIONS = dict.fromkeys(("normal", "signature", "signatureOrSystem", "unknown", "info", "secure"), _NOTED)


def _lines(said: Any) -> list[int | None]:
    """Return the lines of ``"12,15"``; one that is not known where nothing is said."""
    parts = (part.strip() for part in (words(said) or "").split(","))
    return [int(part) for part in parts if part.isdecimal() and len(part) <= _DIGITS] or [None]


def _files(found: Any) -> list[CodeLocation]:
    """Return the places of a finding: ``{path: "12,15"}`` since version 3, before that a list of paths."""
    pairs = sorted(found.items()) if isinstance(found, dict) else [(each, None) for each in found]
    named = [(words(obj(path).get("file_path")) or words(path), lines) for path, lines in pairs]
    return [
        construct(CodeLocation, {"path": name, "start_line": line})
        for name, lines in named
        if name
        for line in _lines(lines)
    ]


def _listed(found: Any) -> list[CodeLocation]:
    return _files(found) if isinstance(found, (dict, list)) else []


def _score(value: Any) -> Any:
    """Return a score; MobSF writes 0 where there is none."""
    return value or None


def _is_yes(value: Any) -> bool:
    return value is True or str(value).lower() == "yes"


def _is_found(value: Any) -> bool:
    return isinstance(value, dict)


def _name_of(line: Any) -> str | None:
    """Return the name of ``"api_key" : "…"``."""
    name, colon, _ = (words(line) or "").partition(" : ")
    return name.strip('" ') if colon else None


def _secret_title(line: Any) -> str:
    name = _name_of(line)
    return f"Hardcoded secret {name}" if name else "Hardcoded secret"


def _value_of(line: Any) -> str | None:
    said = words(line) or ""
    _, colon, value = said.partition(" : ")
    return value.strip('" ') if colon else said


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _code(path: str, **more: Any) -> Map:
    """Return the map of rules with the files they were found in."""
    values: dict[str, Any] = {"kind": Kind.MOBILE, "status": status("metadata.severity | level", _VERDICTS), **more}
    return Map(
        each=path,
        where="metadata | level | path",
        rule_id="metadata.id | #key",
        title=first("metadata.label", "#key"),
        message=plain("metadata.description"),
        description=plain("metadata.description | description"),
        severity=by("metadata.severity | level", "mobsf"),
        identifiers=(
            ident("metadata.masvs | masvs", scheme="masvs"),
            ident("metadata.owasp-mobile | metadata.owasp | owasp", scheme="owasp-mobile"),
        ),
        cwes="metadata.cwe | cwe",
        location=_APP,
        related_locations=call(_listed, "files | path"),
        ratings=rating(const("mobsf"), score=call(_score, "metadata.cvss | cvss"), method=RatingMethod.OTHER),
        references="metadata.ref | metadata.reference",
        **values,
    )


def _titled(path: str, title: str, severity: str, **more: Any) -> Map:
    """Return the map of findings that are a title, a severity and a description."""
    values: dict[str, Any] = {"where": title, "status": status(severity, _VERDICTS), "location": _APP, **more}
    return Map(
        each=path,
        kind=Kind.MOBILE,
        title=plain(title),
        severity=by(severity, "mobsf"),
        **values,
    )


def _manifest(path: str) -> Map:
    return _titled(
        path,
        "title",
        "severity | stat",
        where="title | rule | name | description | desc",
        rule_id="rule",
        rule_name="name",
        description=plain("description | desc"),
        message=join("component[]"),
    )


def _network(path: str) -> Map:
    return _titled(path, "description", "severity", where="description | scope", message=join("scope[]"))


def _hardening(path: str) -> Map:
    """Return the map of the protections of a binary, each with whether it is there."""
    return Map(
        each=path,
        where="severity | status",
        kind=Kind.MOBILE,
        rule_id="#key",
        title=when("^.name", template("{#key}: {^.name}"), "#key"),
        description="description | detailed_desc",
        severity=by("severity | status", "mobsf"),
        status=status("severity | status", _HARDENING),
        identifiers=(ident("masvs", scheme="masvs"), ident("owasp-mobile | owasp", scheme="owasp-mobile")),
        cwes="cwe",
        location=first(code(path="^.name"), _APP),
        ratings=rating(const("mobsf"), score=call(_score, "cvss"), method=RatingMethod.OTHER),
    )


def _issues(path: str, name: str, **more: Any) -> Map:
    return _titled(
        path,
        name,
        "severity | status | level | stat",
        description=plain("description | desc"),
        location=first(code(path="file"), _APP),
        related_locations=call(_listed, "files"),
        cwes="cwe",
        **more,
    )


REPORT_MAPS = (
    Map(
        each="permissions.*",
        where=call(_is_found, "."),
        kind=Kind.MOBILE,
        rule_id="#key",
        title=template("Permission {#key}"),
        message="info | reason",
        description="description",
        severity=by("status", "mobsf"),
        status=status("status", _PERMISSIONS),
        location=_APP,
        tags=const("permission"),
    ),
    Map(
        each="permissions[]",
        where="name",
        kind=Kind.MOBILE,
        rule_id="name",
        title=template("Permission {name}"),
        message="reason",
        description="description",
        status=_NOTED,
        location=_APP,
        tags=const("permission"),
    ),
    _manifest("manifest_analysis[]"),
    _manifest("manifest_analysis.manifest_findings[]"),
    _network("network_security[]"),
    _network("network_security.network_findings[]"),
    Map(
        each="certificate_analysis.certificate_findings[]",
        kind=Kind.MOBILE,
        title="[2] | [1]",
        description="[1]",
        severity=by("[0]", "mobsf"),
        status=status("[0]", _VERDICTS),
        location=_APP,
    ),
    _code("code_analysis.findings.*"),
    _code("code_analysis.*"),
    _hardening("binary_analysis[].*"),
    _hardening("binary_analysis.findings.*"),
    _hardening("macho_analysis[].*"),
    _hardening("dylib_analysis[].*"),
    _hardening("framework_analysis[].*"),
    _issues("binary_analysis[]", "issue"),
    _issues("binary_analysis[]", "title"),
    _issues("ats_analysis[]", "issue"),
    _issues("ats_analysis.ats_findings[]", "issue"),
    _issues("file_analysis[]", "issue | finding"),
    _issues("firebase_analysis[]", "title"),
    _issues("firebase_analysis.findings[]", "title"),
    _code("android_api.*", status=_NOTED),
    _code("ios_api.*", status=_NOTED),
    _code("behaviour.*", status=_NOTED, kind=Kind.MALWARE),
    Map(
        each="niap_analysis.*",
        where="choice",
        kind=Kind.COMPLIANCE,
        rule_id="#key",
        title="description",
        message="choice",
        status=_NOTED,
        location=_APP,
        tags="class",
    ),
    Map(
        each="secrets[]",
        where=call(_is_text, "."),
        kind=Kind.SECRET,
        rule_id=const("hardcoded_secret"),
        title=call(_secret_title, "."),
        rule_name=call(_name_of, "."),
        location=_APP,
        secret=secret(value=call(_value_of, "."), match=call(_value_of, "."), type=call(_name_of, ".")),
    ),
    Map(
        each="insecure_connections[]",
        where=call(_is_text, "."),
        kind=Kind.MOBILE,
        rule_id=const("insecure_connection"),
        title=const("Insecure connection"),
        message=".",
        location=_APP,
    ),
    Map(
        each="firebase_urls[]",
        where="url",
        kind=Kind.MOBILE,
        rule_id=const("firebase_database"),
        title=when("open", const("Firebase database is open to everybody"), const("Firebase database")),
        severity=by(when("open", const("high"), const("info"))),
        status=when("open", _OPEN, _NOTED),
        location=_APP,
        references="url",
    ),
    Map(
        each="trackers.trackers[]",
        kind=Kind.MOBILE,
        rule_id=const("tracker"),
        title=template("Tracker {name}"),
        status=_NOTED,
        location=_APP,
        references="url",
        tags="categories",
    ),
    Map(
        each="domains.*",
        where=call(_is_yes, "bad"),
        kind=Kind.MALWARE,
        rule_id=const("bad_domain"),
        title=template("The app talks to the malicious domain {#key}"),
        location=_APP,
    ),
    Map(
        each="quark[]",
        where="crime",
        kind=Kind.MALWARE,
        title="crime",
        confidence="confidence",
        status=_NOTED,
        location=_APP,
    ),
)
