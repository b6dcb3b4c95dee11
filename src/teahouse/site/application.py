"""The engine's port for this site: accounts say who, chat says what."""

from collections.abc import Sequence

from django.conf import settings

from teahouse.accounts import admission, tokens
from teahouse.chat import classic
from teahouse.chat.realtime import ChatApplication
from teahouse.realtime.application import Admission, Heard, Refused
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
            user=str(identity.user.pk),
            sid=identity.sid,
            token_id=identity.token_id,
            issued_at=identity.issued_at,
            expires_at=identity.expires_at,
            channels=classic.channels_of(identity.user.pk),
        )

    def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
        ended = set(self.ended(admissions))
        heard = super().connecting(admissions)
        return [
            Ending.SIGNED_OUT if admission in ended else channels
            for admission, channels in zip(admissions, heard, strict=True)
        ]

    def ended(self, admissions: Sequence[Admission]) -> list[Admission]:
        return admission.ended(admissions, may_be_strangers=settings.TEAHOUSE_MAY_BE_STRANGERS)
