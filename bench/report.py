"""Writing a result: with the machine, the commit and the command, or not at all."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import time
from typing import Any

_RESULTS = pathlib.Path(__file__).parent / "results"


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(values: list[float]) -> dict[str, float]:
    """Seconds in, a summary in milliseconds out."""
    figures = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    summary = {name: round(percentile(values, share) * 1000, 3) for name, share in figures.items()}
    return {**summary, "max": round(max(values) * 1000, 3), "count": len(values)}


def write(name: str, figures: dict[str, Any]) -> pathlib.Path:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()

    cpu = next(
        (
            line.split(":")[1].strip()
            for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
            if "name" in line
        ),
        platform.processor(),
    )
    result = {
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version()},
        "commit": git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", "src", "client") else ""),
        "command": " ".join(["python", "-m", f"bench.{name}", *sys.argv[1:]]),
        "figures": figures,
    }
    path = _RESULTS / f"{name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return path
