"""GitLab SAST: reports of its analysers, in GitLab's own schema."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners._gitlab import formats, records
from sluice_shared.contracts.finding import Kind

_SETUP = """
```yaml
include:
  - template: Jobs/SAST.gitlab-ci.yml
sluice:
  stage: .post
  script: sluice push gl-sast-report.json --asset repo:gitlab.com/acme/shop --ref "$CI_COMMIT_REF_NAME"
```
GitLab pushes single vulnerabilities by itself, too: point a project's webhook with *Vulnerability events* at
`/v1/webhooks/gitlab/NAME`.
"""

SPEC = ScannerSpec(
    name="gitlab_sast",
    title="GitLab SAST",
    kinds=(Kind.SAST,),
    homepage="https://docs.gitlab.com/user/application_security/",
    setup=_SETUP,
    formats=(
        *formats("gitlab-sast", Kind.SAST, "sast"),
        Format(
            name="gitlab-sast-2-empty",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities", "remediations"),
                lacks=("scan", "vulnerabilities[].category", "dependency_files"),
                match={"version": r"^[12](\.\d+)*$"},
            ),
            maps=(records(Kind.SAST),),
        ),
    ),
)
