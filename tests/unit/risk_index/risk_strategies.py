"""Facts, policies and times as hypothesis makes them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from sluice_risk_index.domain.facts import CVSS_METHODS, Facts
from sluice_risk_index.domain.policy import Criticality, Exploit, Exposure
from sluice_shared.contracts.finding import Confidence, Severity

cvss_ratings = st.lists(
    st.tuples(
        st.sampled_from([method.value for method in CVSS_METHODS]),
        st.sampled_from(["nvd", "ghsa", "vendor"]),
        st.floats(0, 10, allow_nan=False),
    ),
    max_size=4,
).map(tuple)
facts = st.builds(
    Facts,
    severity=st.sampled_from(Severity),
    cvss=cvss_ratings,
    epss=st.none() | st.floats(0, 1, allow_nan=False),
    exploit=st.sampled_from(Exploit),
    fix_available=st.booleans(),
    verified_secret=st.booleans(),
    confidence=st.sampled_from(Confidence),
)
exposures = st.sampled_from(Exposure)
criticalities = st.sampled_from(Criticality)
ages = st.timedeltas(timedelta(0), timedelta(days=2000))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001
