from sluice_normaliser.domain.prepare import prepare
from sluice_normaliser.kit import ParsedReport, ParsedScan
from sluice_shared.contracts.finding import Kind, Observation


def scanned(scanner, *observations):
    (scan,) = prepare(ParsedReport("x", scanner, [ParsedScan(scanner, observations=list(observations))])).scans
    return scan.kinds


def seen(kind):
    return Observation(scanner="trivy", kind=kind, rule_id="r", title="t")


def test_a_scanner_of_one_trade_looked_for_it_though_it_found_nothing():
    assert scanned("gitleaks") == (Kind.SECRET,)
    assert scanned("trivy") == ()
    assert scanned("a tool of the house") == ()


def test_what_was_found_tells_for_what_it_looked():
    assert scanned("trivy", seen(Kind.SCA), seen(Kind.IAC), seen(Kind.SCA)) == (Kind.IAC, Kind.SCA)
