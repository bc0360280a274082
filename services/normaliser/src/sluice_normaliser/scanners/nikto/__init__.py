"""Nikto: finds dangerous files, outdated software and misconfigurations of web servers."""

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    XmlShape,
    call,
    host,
    ident,
    matching,
    url,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.nikto.listing import none_tested, read_csv, read_html, read_text
from sluice_normaliser.scanners.nikto.places import address, osvdb
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
nikto -h https://shop.acme.io -Format json -output nikto.json      # or xml, csv, htm, txt
sluice push nikto.json --asset url:https://shop.acme.io
```
Nikto grades nothing, so the severity is unknown. JSON and XML name the test of each result, so prefer them; what it
prints is read, too.
"""


def _json(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="id",
        title="msg",
        message="msg",
        identifiers=(ident(call(osvdb, "OSVDB | osvdb"), scheme="osvdb"), "references", "msg"),
        cwes="references",
        location=url(url=call(address, "^.host | ^.ip", "^.port", "url"), method="method"),
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
        identifiers=(ident(call(osvdb, "@osvdbid"), scheme="osvdb"), "@references | references", "description"),
        cwes="@references | references",
        location=url(
            url=call(
                lambda link, *rest: words(link) or address(*rest),
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


_TELLING = ("[].banner", "[].vulnerabilities[].OSVDB", "[].vulnerabilities[].msg")

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
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=tuple(each.removeprefix("[].") for each in _TELLING),
                weight=2,
            ),
            maps=(_json("vulnerabilities[]"),),
        ),
        Format(
            name="nikto-json-hosts",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].vulnerabilities",), any_of=_TELLING, weight=2),
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
        Format(
            name="nikto-csv",
            container="text",
            detect=TextShape(patterns=(r'\A\s*"Nikto - v[\d.]+',)),
            scan=ScanMap(version=matching(".", r"Nikto - v([\d.]+)")),
            parse=read_csv,
        ),
        Format(
            name="nikto-html",
            container="html",
            detect=TextShape(patterns=(r"<title>\s*Nikto Report",)),
            scan=ScanMap(
                version=matching(".", r"Nikto (\d+\.[\d.]*\d)"),
                scanned_at=matching(".", r">Start Time</td>\s*<td[^>]*>\s*([\d-]+ [\d:]+)"),
            ),
            parse=read_html,
        ),
        Format(
            name="nikto-text",
            container="text",
            detect=TextShape(patterns=(r"^- Nikto v\d[\d.]*",)),
            scan=ScanMap(
                version=matching(".", r"- Nikto v([\d.]+)"),
                scanned_at=matching(".", r"\+ Start Time:\s*([\d-]+ [\d:]+)"),
                failure=call(none_tested, "."),
            ),
            parse=read_text,
        ),
    ),
)
