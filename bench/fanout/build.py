"""
What the bench installs and compiles, in a folder that git does not track. Nothing of it enters the project's own
environment. Each step is done once and again when what it depends on has changed.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Sequence

_HERE = pathlib.Path(__file__).parent
SERVERS = _HERE / "servers"
FOLDER = _HERE.parent.parent / ".cache" / "bench"


class Missing(Exception):
    """A peer cannot be had on this machine; the text says why."""


def load_program() -> pathlib.Path:
    return compiled("load", sorted((_HERE / "load").glob("*.c")), also=[_HERE / "load" / "load.h"])


def compiled(name: str, sources: Sequence[pathlib.Path], *, also: Sequence[pathlib.Path] = ()) -> pathlib.Path:
    program = FOLDER / name
    if _is_new(name, *sources, *also) or not program.exists():
        need("cc")
        run("cc", "-O2", "-Wall", "-Wextra", "-o", str(program), *map(str, sources))
        _done(name, *sources, *also)
    return program


def python() -> pathlib.Path:
    """The interpreter of the peers' own environment, with `servers/requirements.txt` installed."""
    folder, wanted = FOLDER / "python", SERVERS / "requirements.txt"
    if _is_new("python", wanted):
        run(sys.executable, "-m", "venv", "--clear", str(folder))
        run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(wanted))
        _done("python", wanted)
    return folder / "bin" / "python"


def node_modules() -> pathlib.Path:
    """A folder with the packages of `servers/package.json`; servers are copied into it to find them."""
    folder, wanted = FOLDER / "node", SERVERS / "package.json"
    need("node", "npm")
    if _is_new("node", wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(wanted, folder)
        run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
        _done("node", wanted)
    for source in SERVERS.glob("*.mjs"):
        shutil.copy(source, folder)
    return folder


def debian_files(*packages: str) -> pathlib.Path:
    """These Debian packages unpacked into a folder, not installed: what is on the machine stays as it is."""
    folder = FOLDER / "debian" / "-".join(packages)
    if not folder.exists():
        need("apt-get", "dpkg-deb")
        downloads = FOLDER / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        for package in packages:
            run("apt-get", "download", package, cwd=downloads)
        unpacked = folder.with_suffix(".new")
        unpacked.mkdir(parents=True, exist_ok=True)
        for package in packages:
            for archive in downloads.glob(f"{package}_*.deb"):
                run("dpkg-deb", "-x", str(archive), str(unpacked))
        unpacked.rename(folder)
    return folder


def debian_installed(*packages: str) -> None:
    """Packages with too many dependencies to unpack: installed when root, else asked for."""
    missing = [name for name in packages if not _is_installed(name)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise Missing(f"Debian's {' '.join(missing)} is not installed; apt-get install it as root")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    lock = "DPkg::Lock::Timeout=120"
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", lock, *missing, env=environment)


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None and shutil.which(program, path="/usr/sbin") is None:
            raise Missing(f"{program} is not on this machine")


def run(*command: str, **options: object) -> None:
    """A step of the build; what it says is the reason when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise Missing(f"{' '.join(command[:4])} ... failed: {(done.stderr or done.stdout).strip()[-600:]}")


def _is_installed(package: str) -> bool:
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
    )
    return asked.stdout.endswith(" installed")


def _stamp(paths: Sequence[pathlib.Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _is_new(name: str, *sources: pathlib.Path) -> bool:
    stamp = FOLDER / f"{name}.stamp"
    return not stamp.exists() or stamp.read_text() != _stamp(sources)


def _done(name: str, *sources: pathlib.Path) -> None:
    (FOLDER / f"{name}.stamp").write_text(_stamp(sources))
