"""Writes what came out of a run: with the machine, the commit and the command, as JSON and as a page to read."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import time


def write(folder: pathlib.Path, name: str, figures: dict[str, object], page: str) -> pathlib.Path:
    """The path of the page; the JSON is beside it."""
    measured = time.gmtime()
    about = {
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", measured),
        "machine": f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "commit": _git("rev-parse", "HEAD") + ("+changes" if _git("status", "--porcelain", "src") else ""),
        "command": " ".join(["python", "-m", "tests.faults", *sys.argv[1:]]),
    }
    path = folder / f"{name}-{time.strftime('%Y%m%d-%H%M%S', measured)}.md"
    path.with_suffix(".json").write_text(json.dumps({**about, "figures": figures}, indent=1, ensure_ascii=False) + "\n")
    lines = "\n".join(f"* {key}: `{value}`" for key, value in about.items())
    path.write_text(f"# {name.capitalize()}, {about['measured']}\n\n{lines}\n\n{page}\n")
    return path


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def _processor() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if "name" in line), platform.processor())
