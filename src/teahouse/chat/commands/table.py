"""All commands of the native door by the name of their method, and how one is run."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from teahouse.chat import errors, people
from teahouse.chat.commands.plain import fault_in
from teahouse.chat.people import Person

R = TypeVar("R", bound=msgspec.Struct)


class Command(NamedTuple):
    """`request` is the shape of what is asked, `act` does it and gives the answer, of the type `answer`."""

    request: type[msgspec.Struct]
    act: Callable[[Person, Any], Any]
    answer: Any = None


class Done(msgspec.Struct, frozen=True):
    """The answer of commands that have nothing else to say."""


class UnknownCommand(Exception):
    pass


def run(commands: dict[str, Command], user_id: int, method: str, data: bytes) -> bytes:
    """
    JSON in, JSON out. Raises UnknownCommand; errors.BadArgument for what has not the shape of the command; what it
    raises.
    """
    command = commands.get(method)
    if command is None:
        raise UnknownCommand(method)
    request = decoded(command.request, data)
    if (fault := fault_in(request)) is not None:
        raise errors.BadArgument(": ".join(fault))
    person = people.person_with_id(user_id)
    if person is None:
        raise errors.NotAMember
    answer = command.act(person, request)
    return msgspec.json.encode(Done() if answer is None else answer)


def decoded(shape: type[R], data: bytes) -> R:
    try:
        return msgspec.json.decode(data or b"{}", type=shape)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise errors.BadArgument(str(error)) from None
