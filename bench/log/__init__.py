"""What the log promises, measured: `python -m bench.log`. `docs/reference/benchmarks.md` says what each figure is."""
