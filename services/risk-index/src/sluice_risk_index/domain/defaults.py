"""The built-in policy, equal in meaning to `deploy/config/policy.yaml` (a test holds the two together)."""

from datetime import timedelta
from typing import Any

TIERS = ("onboarding", "standard", "advanced")
DEFAULT_TIER = "standard"

TRUSTED_SOURCES = ("nvd", "ghsa", "redhat", "debian", "ubuntu", "alpine", "amazon", "suse", "osv")
SEVERITY_VALUES: Any = {"critical": 0.95, "high": 0.8, "medium": 0.5, "low": 0.25, "info": 0.05, "unknown": 0.4}
EXPLOIT_VALUES: Any = {"active": 1.0, "poc": 0.5, "unknown": 0.1, "none": 0.0}
EXPOSURE_VALUES: Any = {"internet": 1.0, "partner": 0.7, "unknown": 0.5, "internal": 0.3, "isolated": 0.0}
CRITICALITY_VALUES: Any = {"critical": 1.0, "high": 0.75, "medium": 0.5, "unknown": 0.4, "low": 0.2}
CONFIDENCE_VALUES: Any = {"confirmed": 1.0, "high": 0.9, "medium": 0.6, "unknown": 0.5, "low": 0.2}
AGE_STEPS = (timedelta(days=30), timedelta(days=90), timedelta(days=180))
INDEX_WEIGHTS: Any = {"act": 8.0, "attend": 4.0, "track_star": 2.0, "track": 1.0}
BASELINE = timedelta(days=30)
ACCEPTANCE: Any = {
    "act": timedelta(days=30),
    "attend": timedelta(days=90),
    "track_star": timedelta(days=180),
    "track": timedelta(days=365),
}

REVIEW = timedelta(days=91)
"""A quarter: thirteen weeks, so that a review stays on its day of the week."""

CLASSES: tuple[dict[str, Any], ...] = (
    {
        "class": "act",
        "when": {"verified_secret": True},
        "because": "a leaked secret that was tried and works",
    },
    {
        "class": "act",
        "when": {"kind": ["malware"], "severity": ["critical", "high"]},
        "because": "malware is in the product",
    },
    {
        "class": "act",
        "when": {"exploit": ["active"], "severity": ["critical", "high"]},
        "because": "exploited in the wild, and severe",
    },
    {
        "class": "act",
        "when": {
            "severity": ["critical"],
            "exposure": ["internet"],
            "criticality": ["critical", "high"],
        },
        "because": "critical, on an asset that the internet reaches and the business depends on",
    },
    {
        "class": "attend",
        "when": {"exploit": ["active"]},
        "because": "exploited in the wild",
    },
    {
        "class": "attend",
        "when": {"severity": ["critical"]},
        "because": "critical severity",
    },
    {
        "class": "attend",
        "when": {"severity": ["high"], "exposure": ["internet", "partner"]},
        "because": "high severity, reachable from outside",
    },
    {
        "class": "attend",
        "when": {"kind": ["secret"], "severity": ["high"]},
        "because": "a leaked secret that nobody has ruled out",
    },
    {
        "class": "attend",
        "when": {"min_epss": 0.5, "severity": ["high", "medium"]},
        "because": "exploitation within 30 days is more likely than not (EPSS)",
    },
    {
        "class": "track_star",
        "when": {"severity": ["high"]},
        "because": "high severity, not reachable from outside as far as known",
    },
    {
        "class": "track_star",
        "when": {"exploit": ["poc"], "severity": ["medium"]},
        "because": "medium severity with a public exploit",
    },
    {
        "class": "track_star",
        "when": {"severity": ["unknown"]},
        "because": "nobody could say how severe it is",
    },
    {
        "class": "track",
        "because": "nothing calls for more than ordinary maintenance",
    },
)

REQUIREMENTS: tuple[dict[str, Any], ...] = (
    {"class": "act", "within": "7d"},
    {"class": "act", "within": "24h", "kinds": ["secret"]},
    {"class": "act", "within": "48h", "from_tier": "standard"},
    {"class": "attend", "within": "30d"},
    {"class": "attend", "within": "14d", "from_tier": "advanced"},
    {"class": "track_star", "within": "90d", "from_tier": "standard"},
)

SCAN_MAX_AGE = timedelta(days=7)
SCAN_PRACTICES: Any = {
    "dast": timedelta(days=30),
    "api": timedelta(days=30),
    "host": timedelta(days=30),
    "mobile": timedelta(days=30),
    "compliance": timedelta(days=30),
}
GATE_TIERS: dict[str, dict[str, list[str]]] = {
    "onboarding": {"fail": ["critical"], "warn": ["high", "medium", "unknown"]},
    "advanced": {"fail": ["critical", "high"], "warn": ["medium", "low", "unknown"]},
}
