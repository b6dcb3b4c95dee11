"""
Clients that are broken on purpose, each in one way: other lines in a copy of the client's sources, built into a folder
of their own. The checker has to reject each, for its own reason.
"""

import pathlib
import shutil
import subprocess
from typing import NamedTuple

_CLIENT = pathlib.Path(__file__).parents[3] / "client"
# Of the copy, from the folder of the sources.
_BUILD = ("node_modules/.bin/vite", "build", "--logLevel", "error", "--minify", "false", "--emptyOutDir", "--outDir")


class Change(NamedTuple):
    file: str
    before: str
    after: str


CHANGES: dict[str, tuple[Change, ...]] = {
    "a_row_is_dropped": (
        Change(
            "messages/rows.ts",
            "messages.map(message => storedRow(message, me))",
            "messages.filter(({ number }) => number % 7 !== 3).map(message => storedRow(message, me))",
        ),
    ),
    "two_rows_of_one": (
        Change("messages/rows.ts", "if (!isStored && !shown.has(key))", "if (!isStored || shown.has(key))"),
        Change("outbox/useOutbox.ts", "const rest = told(outbox.value, key)", "const rest = outbox.value"),
        Change("outbox/outbox.ts", "progress.is !== 'saved' ||", "true ||"),
    ),
    "another_key_each_time": (
        Change("outbox/useOutbox.ts", "await send(message)", "await send({ ...message, key: crypto.randomUUID() })"),
    ),
    "a_gap_after_recovery": (
        # Neither the state nor the timeline minds, and what comes first after a time away is not heard.
        Change("state/state.ts", "if (offset !== known + 1)", "if (false as boolean)"),
        Change(
            "state/timeline.ts",
            "if (last === undefined || message.number === last.number + 1)",
            "if (last === undefined || message.number > last.number)",
        ),
        Change("realtime/useConnection.ts", "let failures = 0", "let failures = 0\n  let deafUntil = 0"),
        Change("realtime/useConnection.ts", "failures = 0\n      link", "deafUntil = Date.now() + 300\n      link"),
        Change("realtime/useConnection.ts", "if (offset)\n", "if (offset && Date.now() > deafUntil)\n"),
    ),
    "saved_is_said_too_early": (
        Change(
            "messages/PendingRow.vue",
            "const state = computed(() => entry.progress.is)",
            "const state = computed(() => entry.progress.is === 'sending' ? 'saved' as const : entry.progress.is)",
        ),
    ),
    "the_outbox_keeps_nothing": (
        Change("outbox/useOutbox.ts", "store.put(message).catch(() => isKept.value = false)", "void store"),
    ),
    "a_lost_connection_forgets": (
        Change(
            "outbox/useOutbox.ts",
            "outbox.value = interrupted(outbox.value)\n    goOn()",
            "outbox.value = EMPTY_OUTBOX\n    outbox.value = EMPTY_OUTBOX",
        ),
    ),
    "edits_are_not_shown": (
        Change(
            "state/state.ts",
            "return inRoom(frame.message.room, known => withMessage(known, frame.message, me))",
            "return only(state)",
        ),
    ),
    "deleted_ones_stay": (
        Change(
            "state/state.ts",
            "const next = withRoom(state, frame.message.room, known => withMessage(known, frame.message, me))",
            "const next = state",
        ),
    ),
    "caught_up_too_early": (
        Change(
            "chat/useFeed.ts",
            "queue.push(publication)\n    schedule()",
            "setTimeout(() => {\n      queue.push(publication)\n      schedule()\n    }, 2000)",
        ),
    ),
}


def build(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The folder with what was built. Raises ValueError where the sources are not as a change expects them."""
    sources, built = folder / "client", folder / "built"
    shutil.copytree(_CLIENT, sources, ignore=shutil.ignore_patterns("node_modules"))
    (sources / "node_modules").symlink_to(_CLIENT / "node_modules")
    for change in CHANGES[name]:
        path = sources / "src" / change.file
        text = path.read_text()
        if text.count(change.before) != 1:
            raise ValueError(f"{change.file} has {text.count(change.before)} times {change.before!r}")
        path.write_text(text.replace(change.before, change.after))
    subprocess.run([*_BUILD, str(built)], cwd=sources, check=True)
    return built
