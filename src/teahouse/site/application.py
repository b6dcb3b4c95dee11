"""The engine's port for this site: accounts say who, chat says what."""

from collections.abc import Sequence

from teahouse.accounts import admission, tokens
from teahouse.chat import classic
from teahouse.chat.realtime import ChatApplication
from teahouse.realtime.application import Admission, Refused
from teahouse.realtime.wire.codes import Ending


class SiteApplication(ChatApplication):
    def admit_classic(self, token: str | None) -> Admission:
        if token is None:
            raise Refused(Ending.NO_TOKEN)
        try:
            identity = tokens.verify(token)
        except tokens.BadToken:
            raise Refused(Ending.BAD_TOKEN) from None
        return Admission(
            user_id=identity.user.pk,
            sid=identity.sid,
            token_id=identity.token_id,
            issued_at=identity.issued_at,
            expires_at=identity.expires_at,
            channels=classic.channels_of(identity.user.pk),
        )

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        return admission.ended(admissions)
