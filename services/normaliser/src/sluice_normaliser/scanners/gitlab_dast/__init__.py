"""GitLab DAST: reports of its analysers, in GitLab's own schema."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners._gitlab import formats, records
from sluice_shared.contracts.finding import Kind

_SETUP = """
```yaml
include:
  - template: DAST.gitlab-ci.yml
sluice:
  stage: .post
  script: sluice push gl-dast-report.json --asset url:https://shop.acme.io --ref "$CI_COMMIT_REF_NAME"
```
GitLab pushes single vulnerabilities by itself, too: point a project's webhook with *Vulnerability events* at
`/v1/webhooks/gitlab/NAME`.
"""

SPEC = ScannerSpec(
    name="gitlab_dast",
    title="GitLab DAST",
    kinds=(Kind.DAST,),
    homepage="https://docs.gitlab.com/user/application_security/",
    setup=_SETUP,
    formats=(
        *formats("gitlab-dast", Kind.DAST, "dast"),
        Format(
            name="gitlab-dast-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                only=("vulnerabilities", "__comment__"),
                lacks=("vulnerabilities[]",),
                weight=-5,
            ),
            maps=(records(Kind.DAST),),
        ),
    ),
)
