"""Benchmarks: each module has ``run() -> dict`` and measures the peer or the limit too."""
