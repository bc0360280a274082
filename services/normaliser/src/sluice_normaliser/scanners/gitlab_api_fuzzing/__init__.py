"""GitLab API and coverage fuzzing: reports of its analysers, in GitLab's own schema."""

from sluice_normaliser.kit import ScannerSpec
from sluice_normaliser.scanners._gitlab import formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```yaml
include:
  - template: Security/API-Fuzzing.gitlab-ci.yml
sluice:
  stage: .post
  script: sluice push gl-api-fuzzing-report.json --asset url:https://shop.acme.io --ref "$CI_COMMIT_REF_NAME"
```
GitLab pushes single vulnerabilities by itself, too: point a project's webhook with *Vulnerability events* at
`/v1/webhooks/gitlab/NAME`.
"""

SPEC = ScannerSpec(
    name="gitlab_api_fuzzing",
    title="GitLab API fuzzing",
    kinds=(Kind.DAST,),
    aliases=("gitlab-coverage-fuzzing",),
    homepage="https://docs.gitlab.com/user/application_security/api_fuzzing/",
    setup=_SETUP,
    formats=formats("gitlab-fuzzing", Kind.DAST, "api_fuzzing|coverage_fuzzing"),
)
