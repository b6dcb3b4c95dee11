"""A disk in memory that can lose its power: a loop device with ext4. For root on Linux."""

import os
import pathlib
import shutil
import subprocess

from tests.services import wait_until

_MIB = 1_048_576


class Disk:
    """
    `image` is what has reached the disk; what the kernel still keeps for it is lost in a copy of the image. The file
    system is at `path` while it is plugged in.
    """

    def __init__(self, image: pathlib.Path, path: pathlib.Path) -> None:
        self.image = image
        self.path = path
        self._device = ""

    @staticmethod
    def is_possible() -> bool:
        return (
            os.geteuid() == 0
            and pathlib.Path("/dev/loop-control").exists()
            and all(shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") for program in _PROGRAMS)
        )

    def format(self, mebibytes: int) -> None:
        with self.image.open("wb") as file:
            file.truncate(mebibytes * _MIB)
        _run("mkfs.ext4", "-q", "-F", str(self.image))

    def plug_in(self) -> None:
        """After a loss of power the file system first plays its journal."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._device = _run("losetup", "-f", "--show", str(self.image))
        _run("mount", self._device, str(self.path))
        self.path.chmod(0o755)

    def pull_out(self) -> None:
        if self._device:
            # Whoever was killed may be on the way out still.
            wait_until(self._unmount, what=f"{self.path} is not used any more")
            _run("losetup", "-d", self._device)
            self._device = ""

    def _unmount(self) -> bool:
        _run("umount", str(self.path))
        return True

    def copy_to(self, image: pathlib.Path) -> None:
        """What the disk has at this moment."""
        _run("cp", "--sparse=always", str(self.image), str(image))


_PROGRAMS = ("losetup", "mount", "umount", "mkfs.ext4", "cp")


def _run(program: str, *arguments: str) -> str:
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    return subprocess.run(
        [program, *arguments], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()
