"""GitLab container scanning: reports of its analysers, in GitLab's own schema."""

from sluice_normaliser.kit import ScannerSpec
from sluice_normaliser.scanners._gitlab import formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```yaml
include:
  - template: Jobs/Container-Scanning.gitlab-ci.yml
sluice:
  stage: .post
  script: sluice push gl-container-scanning-report.json --asset image:registry.gitlab.com/acme/shop
```
GitLab pushes single vulnerabilities by itself, too: point a project's webhook with *Vulnerability events* at
`/v1/webhooks/gitlab/NAME`.
"""

SPEC = ScannerSpec(
    name="gitlab_container_scan",
    title="GitLab container scanning",
    kinds=(Kind.CONTAINER,),
    aliases=("gitlab_container_scanning",),
    homepage="https://docs.gitlab.com/user/application_security/",
    setup=_SETUP,
    formats=formats("gitlab-container-scanning", Kind.CONTAINER, "container_scanning|cluster_image_scanning"),
)
