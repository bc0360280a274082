"""Which scanner a SARIF driver is, and what kind of problem its results are: one table for all tools."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from sluice_normaliser.kit.reading import slug
from sluice_shared.contracts.finding import Kind


class Tool(NamedTuple):
    """A scanner's id and the kind of its results where their rules do not say otherwise."""

    scanner: str
    kind: Kind = Kind.SAST


_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "semgrep_oss": "semgrep",
        "semgrep_pro": "semgrep",
        "semgrep_code": "semgrep",
        "opengrep_oss": "opengrep",
        "aqua_security_trivy": "trivy",
        "anchore_grype": "grype",
        "codeql_command_line_toolchain": "codeql",
        "github_codeql": "codeql",
        "snyk_open_source": "snyk",
        "snyk_container": "snyk_container",
        "snykcode": "snyk_code",
        "snyk_iac": "snyk_iac",
        "snyk_infrastructure_as_code": "snyk_iac",
        "dependency_check_core": "dependency_check",
        "owasp_dependency_check": "dependency_check",
        "shell_script_analysis": "shellcheck",
        "golang_security_checks": "gosec",
        "checkmarx_kics": "kics",
        "keeping_infrastructure_as_code_secure": "kics",
        "bridgecrew_checkov": "checkov",
        "prisma_cloud_checkov": "checkov",
        "osv_scanner": "osv_scanner",
        "google_osv_scanner": "osv_scanner",
        "owasp_zap": "zap",
        "zap_by_checkmarx": "zap",
        "microsoft_devskim": "devskim",
        "devskim_cli": "devskim",
        "mapi": "mayhem_api",
        "mayhem_for_api": "mayhem_api",
        "mayhem_code_security": "mayhem",
        "mayhem_for_code": "mayhem",
        "sonarscanner": "sonarqube",
        "sonarcloud": "sonarqube",
        "spotbugs_findsecbugs": "spotbugs",
        "npm_audit_sarif": "npm_audit",
        "veracode_static_analysis_pipeline_scan": "veracode",
        "fortify_sca": "fortify",
        "mobsfscan": "mobsfscan",
        "nodejsscan": "njsscan",
        "terrascan_cli": "terrascan",
        "kubescape_cli": "kubescape",
        "docker_scout": "docker_scout",
        "trufflehog_oss": "trufflehog",
        "defsec": "tfsec",
        "checkmarxone": "checkmarx_one",
        "checkmarx_ast": "checkmarx_one",
        "cxsast": "checkmarx",
        "checkmarx_sast": "checkmarx",
        "fortify_on_demand": "fortify",
        "fortify_static_code_analyzer": "fortify",
        "microfocus_fortify_static_code_analyzer": "fortify",
        "opentext_sast": "fortify",
        "contrast_scan": "contrast",
        "contrast_assess": "contrast",
        "whitesource": "mend",
        "sysdig_cli_scanner": "sysdig",
        "black_duck": "blackduck",
        "twistcli": "twistlock",
        "kube_bench": "kubebench",
    }
)


def _all(kind: Kind, *names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, kind)


_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **_all(Kind.SCA, "grype", "snyk", "dependency_check", "osv_scanner", "npm_audit", "yarn_audit", "pip_audit"),
        **_all(
            Kind.SCA,
            "cargo_audit",
            "govulncheck",
            "bundler_audit",
            "retirejs",
            "nancy",
            "safety",
            "meterian",
            "depscan",
        ),
        **_all(Kind.SCA, "mend", "blackduck", "jfrog_xray", "frogbot", "endor_labs", "dependabot", "trivy", "xeol"),
        **_all(Kind.CONTAINER, "snyk_container", "docker_scout", "clair", "dockle", "anchore", "neuvector"),
        **_all(Kind.CONTAINER, "twistlock", "sysdig"),
        **_all(
            Kind.SECRET, "gitleaks", "trufflehog", "detect_secrets", "ggshield", "secretlint", "whispers", "talisman"
        ),
        **_all(Kind.SECRET, "noseyparker", "kingfisher", "credential_scanner", "credscan", "n0s1", "betterleaks"),
        **_all(Kind.IAC, "checkov", "tfsec", "kics", "terrascan", "kubescape", "kube_linter", "kubelinter", "cfn_nag"),
        **_all(Kind.IAC, "hadolint", "snyk_iac", "cfn_lint", "conftest", "tflint", "kube_score", "polaris", "regula"),
        **_all(Kind.IAC, "zizmor", "actionlint", "poutine", "template_analyzer", "psrule", "datree", "dockerfile_lint"),
        **_all(Kind.DAST, "zap", "nuclei", "burp", "burp_suite", "stackhawk", "hawkscan", "arachni", "wapiti", "nikto"),
        **_all(Kind.DAST, "acunetix", "invicti", "netsparker", "dastardly", "rapiddast", "dawn"),
        **_all(Kind.API, "mayhem_api", "42crunch", "spectral", "schemathesis", "restler", "cherrybomb"),
        **_all(Kind.MOBILE, "mobsf", "mobsfscan", "qark", "android_lint"),
        **_all(Kind.LICENCE, "licensee", "scancode", "fossa"),
        **_all(Kind.MALWARE, "yara", "clamav", "guarddog", "malcontent"),
        **_all(Kind.CSPM, "prowler", "cloudsploit", "scout_suite", "steampipe", "powerpipe"),
        **_all(Kind.COMPLIANCE, "scorecard", "openssf_scorecard", "legitify", "chain_bench", "allstar", "openscap"),
        **_all(Kind.COMPLIANCE, "kubebench"),
        **_all(Kind.QUALITY, "shellcheck", "markdownlint", "pylint", "flake8", "ktlint", "prettier", "stylelint"),
        **_all(Kind.QUALITY, "phpstan", "checkstyle", "yamllint", "sqlfluff", "golangci_lint", "mypy", "biome"),
    }
)

_BY_TAG: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"^(secrets?|hardcoded[-_ ]?(secret|credential)s?|credentials?)$"), Kind.SECRET),
    (re.compile(r"^(misconfiguration|iac|infrastructure[-_ ]as[-_ ]code|terraform|dockerfile|kubernetes)$"), Kind.IAC),
    (re.compile(r"^(licen[cs]es?|licen[cs]e[-_ ]compliance)$"), Kind.LICENCE),
    (
        re.compile(r"^(sca|dependency|dependencies|supply[-_ ]chain|open[-_ ]source|vulnerable[-_ ]component)$"),
        Kind.SCA,
    ),
    (re.compile(r"^(dast|web[-_ ]?application)$"), Kind.DAST),
    (re.compile(r"^(malware|virus)$"), Kind.MALWARE),
)
_QUALITY_TAGS = frozenset(
    {
        "maintainability",
        "correctness",
        "readability",
        "reliability",
        "useless-code",
        "performance",
        "style",
        "testability",
    }
)
_SECURITY_TAGS = re.compile(r"security|vulnerab|cwe|owasp|external/cwe|injection|crypto", re.IGNORECASE)
_ADVISORY = re.compile(r"^(CVE-\d{4}-\d+|GHSA(-\w{4}){3}|SNYK-|RUSTSEC-|PYSEC-|GO-\d{4}-|OSV-)", re.IGNORECASE)
_CONTAINER_RULES = frozenset({"ospackagevulnerability"})


@lru_cache(maxsize=512)
def tool_of(driver: str) -> Tool:
    """Return the scanner that a driver's name stands for; its id is the same as that of the tool's own format."""
    name = slug(driver) or "unknown"
    name = _SPELLINGS.get(name, name)
    return Tool(name, _KINDS.get(name, Kind.SAST))


def kind_of(tool: Tool, rule_id: str, rule_name: str | None, tags: Iterable[str]) -> Kind:
    """Return what kind of problem a rule finds: by its tags, then its id, then its tool."""
    said = [tag.strip().lower() for tag in tags]
    for pattern, kind in _BY_TAG:
        if any(pattern.match(tag) for tag in said):
            return kind
    if (rule_name or "").lower() in _CONTAINER_RULES:
        return Kind.CONTAINER
    if tool.kind is Kind.SAST:
        if _ADVISORY.match(rule_id):
            return Kind.SCA
        if _QUALITY_TAGS.intersection(said) and not any(_SECURITY_TAGS.search(tag) for tag in said):
            return Kind.QUALITY
    return tool.kind
