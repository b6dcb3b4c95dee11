"""The table of all commands of the native door."""

from teahouse.chat.commands import (
    invitations,
    members,
    messages,
    notices,
    people,
    personal,
    reading,
    rooms,
    search,
    sync,
    threads,
)
from teahouse.chat.commands.table import Command

COMMANDS: dict[str, Command] = {
    **sync.COMMANDS,
    **rooms.COMMANDS,
    **members.COMMANDS,
    **invitations.COMMANDS,
    **people.COMMANDS,
    **messages.COMMANDS,
    **threads.COMMANDS,
    **reading.COMMANDS,
    **personal.COMMANDS,
    **notices.COMMANDS,
    **search.COMMANDS,
}
