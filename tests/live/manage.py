"""Python inside Django, in a process of its own, on the data of a server under test: as `manage.py shell` does."""

import os
import pathlib
import subprocess
import sys

from tests.live.server import Server


def manage(house: Server, code: str, *values: object) -> str:
    """Run `code`, formatted with `values`; `User` is imported. What it printed."""
    script = "from teahouse.accounts.models import User\n" + (code.format(*values) if values else code)
    environment = {
        **os.environ,
        **house.environment,
        "TEAHOUSE_DATA": str(house.data),
        "DJANGO_SETTINGS_MODULE": "teahouse.site.settings",
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name not in house.environment:
            environment.pop(name, None)
    done = subprocess.run(
        [pathlib.Path(sys.executable).parent / "teahouse", "manage", "shell", "--no-imports", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
