"""The table of all commands of the native door."""

from teahouse.chat.commands import messages
from teahouse.chat.commands.table import Command

COMMANDS: dict[str, Command] = {**messages.COMMANDS}
