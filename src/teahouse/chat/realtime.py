"""The engine's port, as far as chat answers it: history, commands and frames. Who somebody is, the site says."""

from collections.abc import Sequence

from teahouse.chat import access, classic, people
from teahouse.chat.commands import CLASSIC_COMMANDS
from teahouse.chat.log import history
from teahouse.realtime.application import Admission, BaseApplication, Head, Publication
from teahouse.realtime.wire.classic.codec import Envelope


class ChatApplication(BaseApplication):
    """See `realtime.application.Application`; a site adds `admit_classic`, `connecting` and `ended`."""

    def may_subscribe(self, admission: Admission, channel: str) -> bool:
        person = people.person_with_id(int(admission.user)) if admission.user.isdecimal() else None
        return person is not None and access.may_hear(person, channel)

    def run_classic(self, admission: Admission, envelope: Envelope, command_key: str) -> str | None:
        command = CLASSIC_COMMANDS.get(envelope.type)
        if command is None:
            return "unknown type"
        author = people.person_with_id(int(admission.user))
        if author is None:
            return "not a member"
        return command(author, envelope.content, command_key)

    def classic_frame(self, publication: Publication) -> str | None:
        return classic.frame_of(publication.data)

    def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        return history.heads(channels)

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        return history.publications_after(channel, offset, limit=limit)
