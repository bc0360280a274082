"""Scanners of infrastructure as code meet in the control and the resource, and nowhere else."""

import json

import pytest

from sluice_normaliser.domain.algorithms import Algorithm
from sluice_normaliser.domain.controls import control_subject, controls
from sluice_normaliser.domain.keys import identify
from sluice_normaliser.kit import ParseContext, parse_report, registry
from sluice_shared.contracts.finding import CodeLocation, Identifier, Kind, Observation, ResourceLocation


def found(scanner, rule, resource, path, *, line=1, namespace=None, avd=None):
    location = (
        CodeLocation(path=path, start_line=line)
        if resource is None
        else ResourceLocation(resource=resource, path=path, start_line=line, namespace=namespace)
    )
    named = [Identifier(type="avd", value=avd)] if avd else []
    return Observation(scanner=scanner, kind=Kind.IAC, rule_id=rule, title=rule, location=location, identifiers=named)


def test_every_control_is_known_to_two_scanners_that_there_are():
    by_control = {}
    for (scanner, _), control in controls().items():
        by_control.setdefault(control.name, set()).add(scanner)
    assert {name for name, scanners in by_control.items() if len(scanners) < 2} == set()
    assert set().union(*by_control.values()) <= set(registry())


BUCKET = "aws_s3_bucket.logs"
SAME = [
    [
        found("checkov", "CKV_AWS_21", BUCKET, "/infra/s3.tf"),
        found("trivy", "AVD-AWS-0090", BUCKET, "infra/s3.tf"),
        found("trivy", "AWS-0090", BUCKET, "infra/s3.tf"),
        found("tfsec", "aws-s3-enable-versioning", BUCKET, "./infra/s3.tf"),
        found("kics", "568a4d22-3517-44a6-a7ad-6a7eed88722c", BUCKET, "infra/s3.tf"),
    ],
    [
        found("checkov", "CKV_AWS_18", BUCKET, "infra/s3.tf"),
        found("trivy", "s3-bucket-logging", BUCKET, "infra/s3.tf", avd="AVD-AWS-0089"),
    ],
    [
        found("checkov", "CKV_K8S_22", "Deployment.shop.web", "/deploy/web.yaml"),
        found("kubescape", "C-0017", "apps/v1/shop/Deployment/web", "deploy/web.yaml"),
        found("kubelinter", "no-read-only-root-fs", "shop/Deployment/web", "deploy/web.yaml"),
    ],
    [
        found("checkov", "CKV_K8S_16", "Pod.default.web", "/pod.yaml"),
        found("kubelinter", "privileged-container", "Pod/web", "pod.yaml"),
        found("kubescape", "C-0057", "v1/default/Pod/web", "pod.yaml"),
    ],
    [
        found("trivy", "KSV017", "shop/Deployment/web", "Deployment/web"),
        found("trivy_operator", "AVD-KSV-0017", "shop/Deployment/web", None),
        found("kubescape", "C-0057", "shop/Deployment/web", None),
    ],
    [
        found("checkov", "CKV_DOCKER_2", "/Dockerfile.", "/Dockerfile"),
        found("trivy", "DS026", "Dockerfile", "Dockerfile"),
        found("trivy", "DS-0026", "Dockerfile", "Dockerfile", line=9),
        found("kics", "b03a748a-542d-44f4-bb86-9199ab4fd2d5", None, "Dockerfile"),
    ],
    [
        found("checkov", "CKV_DOCKER_7", "/Dockerfile.FROM", "/Dockerfile", line=4),
        found("hadolint", "DL3007", None, "Dockerfile", line=4),
    ],
]


@pytest.mark.parametrize("same", SAME)
def test_the_same_control_of_the_same_subject_is_one_key(same):
    subjects = {control_subject(observation) for observation in same}
    assert len(subjects) == 1
    assert None not in subjects
    keys = {key for i in identify(same) for number, key in i.keys if number == Algorithm.SHARED_CONTROL_1}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SAME[0][0], found("trivy", "AVD-AWS-0090", BUCKET, "prod/s3.tf")),
        (SAME[0][0], found("trivy", "AVD-AWS-0090", "aws_s3_bucket.data", "infra/s3.tf")),
        (SAME[0][0], found("trivy", "AVD-AWS-0089", BUCKET, "infra/s3.tf")),
        (SAME[1][0], found("kubescape", "C-0017", "apps/v1/other/Deployment/web", "deploy/web.yaml")),
        (SAME[1][0], found("kubescape", "C-0017", "apps/v1/shop/StatefulSet/web", "deploy/web.yaml")),
        (SAME[5][0], found("hadolint", "DL3007", None, "Dockerfile", line=9)),
    ],
)
def test_another_control_or_subject_is_another_key(one, other):
    assert control_subject(one) != control_subject(other) is not None


@pytest.mark.parametrize(
    "observation",
    [
        # Reading and writing are two controls to one, and one to the other.
        found("checkov", "CKV_AWS_20", BUCKET, "s3.tf"),
        found("checkov", "CKV_AWS_24", "aws_security_group.web", "net.tf"),
        # What does not name a resource: a file alone may hold many.
        found("trivy", "AVD-AWS-0090", "infra/s3.tf", "infra/s3.tf"),
        found("trivy", "AVD-AWS-0090", "main.tf", "main.tf"),
        found("trivy", "AVD-AWS-0090", BUCKET, None),
        found("tfsec", "aws-s3-enable-versioning", None, "infra/s3.tf"),
        found("trivy", "KSV017", "deploy/web.yaml", "deploy/web.yaml"),
        found("semgrep", "CKV_AWS_21", BUCKET, "s3.tf"),
        Observation(scanner="checkov", kind=Kind.IAC, rule_id="CKV_AWS_21", title="x"),
    ],
)
def test_what_is_not_clear_has_no_control(observation):
    assert control_subject(observation) is None


def parsed(report):
    read = parse_report(
        json.dumps(report).encode(), ParseContext(secret_key=b"for tests only!!", asset="repo:acme/infra")
    )
    return [o for scan in read.scans for o in scan.observations]


def test_reports_of_two_scanners_meet():
    checkov = {
        "check_type": "terraform",
        "results": {
            "failed_checks": [
                {
                    "check_id": "CKV_AWS_18", "check_name": "Ensure the S3 bucket has access logging enabled",
                    "check_result": {"result": "FAILED"}, "file_path": "/s3.tf", "file_line_range": [1, 3],
                    "resource": BUCKET, "code_block": [],
                }
            ],
            "parsing_errors": [],
        },
        "summary": {"passed": 0, "failed": 1, "skipped": 0, "parsing_errors": 0, "checkov_version": "3.3.30"},
    }  # fmt: skip
    trivy = {
        "SchemaVersion": 2,
        "ArtifactName": ".",
        "ArtifactType": "filesystem",
        "Results": [
            {
                "Target": "s3.tf", "Class": "config", "Type": "terraform",
                "Misconfigurations": [
                    {
                        "Type": "Terraform Security Check", "ID": "AVD-AWS-0089", "Title": "S3 Bucket Logging",
                        "Severity": "LOW", "Status": "FAIL", "CauseMetadata": {"Resource": BUCKET, "StartLine": 1},
                    }
                ],
            }
        ],
    }  # fmt: skip
    (one,), (other,) = parsed(checkov), parsed(trivy)
    assert control_subject(one) == control_subject(other) == ("s3-access-logging", "s3.tf", BUCKET)
