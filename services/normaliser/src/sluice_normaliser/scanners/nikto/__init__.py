"""Nikto: finds dangerous files, outdated software and misconfigurations of web servers."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    call,
    host,
    ident,
    url,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
nikto -h https://shop.acme.io -Format json -output nikto.json      # or -Format xml
sluice push nikto.json --asset url:https://shop.acme.io
```
Nikto grades nothing, so the severity is unknown.
"""

_TLS = frozenset({"443", "8443", "9443"})


def _url(name: Any, port: Any, path: Any) -> str | None:
    site, number, rest = words(name), words(port), words(path) or "/"
    if "://" in rest or site is None:
        return rest if "://" in rest else None
    scheme = "https" if number in _TLS else "http"
    shown = "" if number in {None, "80", "443"} else f":{number}"
    return f"{scheme}://{site}{shown}/{rest.lstrip('/')}"


def _osvdb(number: Any) -> str | None:
    told = words(number)
    return f"OSVDB-{told.upper().removeprefix('OSVDB-')}" if told and told not in {"0", "OSVDB-0"} else None


def _json(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="id",
        title="msg",
        message="msg",
        identifiers=(ident(call(_osvdb, "OSVDB | osvdb"), scheme="osvdb"), "references", "msg"),
        cwes="references",
        location=url(url=call(_url, "^.host | ^.ip", "^.port", "url"), method="method"),
        related_locations=host(host="^.host | ^.ip", ip="^.ip", port="^.port"),
        references=("references",),
        ignore=("OSVDB",),
    )


def _xml(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="@id",
        title="description",
        message="description",
        identifiers=(ident(call(_osvdb, "@osvdbid"), scheme="osvdb"), "@references | references", "description"),
        cwes="@references | references",
        location=url(
            url=call(
                lambda link, *rest: words(link) or _url(*rest),
                "namelink | iplink",
                "^.@targethostname | ^.@targetip",
                "^.@targetport",
                "uri",
            ),
            method="@method",
        ),
        related_locations=host(
            host="^.@targethostname | ^.@targetip", ip="^.@targetip", port="^.@targetport", service="^.@targetbanner"
        ),
        references=("@references | references", "@osvdblink"),
        first_detected_at="^.@starttime",
        ignore=("iplink", "uri", "@osvdbid"),
    )


SPEC = ScannerSpec(
    name="nikto",
    title="Nikto",
    kinds=(Kind.DAST,),
    homepage="https://cirt.net/Nikto2",
    setup=_SETUP,
    formats=(
        Format(
            name="nikto-json",
            container="json",
            detect=JsonShape(root="object", has=("host", "ip", "port", "banner", "vulnerabilities")),
            maps=(_json("vulnerabilities[]"),),
        ),
        Format(
            name="nikto-json-hosts",
            container="json",
            detect=JsonShape(root="array", has=("[].host", "[].ip", "[].port", "[].banner", "[].vulnerabilities")),
            maps=(_json("[].vulnerabilities[]"),),
        ),
        Format(
            name="nikto-xml",
            container="xml",
            detect=XmlShape(root="niktoscans?"),
            scan=ScanMap(
                version="@version | niktoscan[0].@version",
                scanned_at="scandetails[0].@starttime | niktoscan[0].scandetails[0].@starttime",
            ),
            maps=(_xml("scandetails[].item[]"), _xml("niktoscan[].scandetails[].item[]")),
        ),
    ),
)
