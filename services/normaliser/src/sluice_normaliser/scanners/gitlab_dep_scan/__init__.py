"""GitLab dependency scanning: reports of its analysers, in GitLab's own schema."""

from sluice_normaliser.kit import ScannerSpec
from sluice_normaliser.scanners._gitlab import formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```yaml
include:
  - template: Jobs/Dependency-Scanning.gitlab-ci.yml
sluice:
  stage: .post
  script: sluice push gl-dependency-scanning-report.json --asset repo:gitlab.com/acme/shop --ref "$CI_COMMIT_REF_NAME"
```
GitLab pushes single vulnerabilities by itself, too: point a project's webhook with *Vulnerability events* at
`/v1/webhooks/gitlab/NAME`.
"""

SPEC = ScannerSpec(
    name="gitlab_dep_scan",
    title="GitLab dependency scanning",
    kinds=(Kind.SCA,),
    aliases=("gitlab_dependency_scanning", "gemnasium"),
    homepage="https://docs.gitlab.com/user/application_security/",
    setup=_SETUP,
    formats=formats("gitlab-dependency-scanning", Kind.SCA, "dependency_scanning"),
)
