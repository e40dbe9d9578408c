"""Measurements, side by side in one run and quoted as ratios: `python -m benchmarks`."""
