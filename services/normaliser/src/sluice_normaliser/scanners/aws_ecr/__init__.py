"""Amazon ECR: vulnerabilities of images, found by its basic or (through Inspector) its enhanced scanning."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    construct,
    ident,
    join,
    package,
    rating,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners._notices import notice
from sluice_normaliser.scanners.aws_inspector2.maps import findings
from sluice_shared.contracts.finding import ImageRef, Kind

_SETUP = """
```sh
aws ecr describe-image-scan-findings --repository-name shop --image-id imageTag=1.4.0 > ecr.json
sluice push ecr.json --asset image:123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop
```
The EventBridge event *ECR Image Scan* only counts what was found; let it start the two lines above.
"""
_EVENT = (
    "this is the event ECR Image Scan, which only counts what was found; run `aws ecr describe-image-scan-findings` "
    "for its image and push that, or let Amazon Inspector push its findings"
)


def _attribute(*names: str) -> call:
    """Return one of the attributes of a finding, which are pairs of key and value."""

    def find(attributes: Any) -> str | None:
        listed = {words(each.get("key")): words(each.get("value")) for each in objs(attributes)}
        return next((said for name in names if (said := listed.get(name))), None)

    return call(find, "attributes")


def _image(repository: Any, image: Any) -> ImageRef | None:
    name = words(repository)
    if name is None:
        return None
    about = obj(image)
    values = {"name": name, "tag": words(about.get("imageTag")), "digest": words(about.get("imageDigest"))}
    return construct(ImageRef, {key: value for key, value in values.items() if value})


def _failed(status: Any) -> str | None:
    """Return why the image was not scanned, or not yet."""
    said = words(obj(status).get("status"))
    if said in {None, "COMPLETE", "ACTIVE"}:
        return None
    return f"{said}: {words(obj(status).get('description')) or 'the image is not scanned'}"


def _is_whole(token: Any) -> bool:
    return not token


SPEC = ScannerSpec(
    name="aws_ecr",
    title="Amazon ECR image scanning",
    kinds=(Kind.CONTAINER,),
    aliases=("ecr", "amazon_ecr"),
    homepage="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
    setup=_SETUP,
    formats=(
        Format(
            name="aws-ecr-json",
            container="json",
            detect=JsonShape(
                root="object", has=("imageScanFindings", "repositoryName"), any_of=("imageId", "imageScanStatus")
            ),
            scan=ScanMap(
                scanned_at="imageScanFindings.imageScanCompletedAt",
                failure=call(_failed, "imageScanStatus"),
                complete=call(_is_whole, "nextToken"),
            ),
            maps=(
                Map(
                    each="imageScanFindings.findings[]",
                    kind=Kind.CONTAINER,
                    rule_id="name",
                    title=join("name", _attribute("package_name"), _attribute("package_version"), sep=" "),
                    description="description",
                    severity="severity",
                    identifiers=ident("name", "vendor"),
                    location=package(
                        name=_attribute("package_name"),
                        version=_attribute("package_version"),
                        image=call(_image, "$.repositoryName", "$.imageId"),
                    ),
                    ratings=(
                        rating(
                            const("nvd"),
                            vector=_attribute("CVSS3_VECTOR"),
                            score=_attribute("CVSS3_SCORE"),
                            version=const("3.1"),
                        ),
                        rating(
                            const("nvd"),
                            vector=_attribute("CVSS2_VECTOR"),
                            score=_attribute("CVSS2_SCORE"),
                            version=const("2.0"),
                        ),
                    ),
                    references="uri",
                ),
                *findings("imageScanFindings.enhancedFindings[]"),
            ),
        ),
        Format(
            name="aws-ecr-not-scanned",
            container="json",
            detect=JsonShape(
                root="object", has=("imageScanStatus", "repositoryName", "imageId"), lacks=("imageScanFindings",)
            ),
            scan=ScanMap(refuse=call(_failed, "imageScanStatus")),
            maps=(Map(each="imageScanFindings.findings[]", kind=Kind.CONTAINER, rule_id="name"),),
        ),
        notice(
            "aws-ecr-event",
            JsonShape(root="object", has=("detail.scan-status", "detail-type"), match={"source": r"^aws\.ecr$"}),
            _EVENT,
        ),
    ),
)
