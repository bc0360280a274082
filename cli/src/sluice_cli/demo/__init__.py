"""The demo: a small company's scans over two weeks, on real servers, with alerts that are really delivered."""
