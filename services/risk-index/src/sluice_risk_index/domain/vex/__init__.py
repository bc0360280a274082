"""VEX: what suppliers say about whether a vulnerability matters in a product, as analysis on findings."""
