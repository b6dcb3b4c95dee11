"""The setup, as the accounts have it, and the lobby's first message for the owner who has just arrived."""

import logging

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from teahouse.accounts.api.views import SetupView
from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.services.messages import send_to_lobby

_CLIENT_KEY = "first-visit"

_logger = logging.getLogger(__name__)


class FirstVisitView(SetupView):
    def owner_arrived(self, owner: User) -> None:
        try:
            send_welcome(owner)
        except (errors.ChatError, errors.TryAgain, DatabaseError) as error:
            # The house is open without it.
            _logger.warning("The lobby has no message of welcome: %s", error)


def send_welcome(owner: User) -> None:
    """
    How to invite people and what to try, in the active language, by the owner. Calling it again says nothing more, and
    raises errors.KeyConflict in another language.
    """
    send_to_lobby(author=owner, body=_welcome_text(), client_key=_CLIENT_KEY)


def _welcome_text() -> str:
    return _(
        "**Welcome to your teahouse.** This is the lobby: everybody who has an account here is in it.\n"
        "\n"
        "- **Invite people:** make an invitation link here or in another room. Whoever opens it, or scans its QR code, "
        "is in within half a minute, without e-mail.\n"
        "- **Try:** write with Markdown, `code` and lists too; call somebody with @ and their name; paste a picture or "
        "drop a file; answer a message in a thread; make a room of its own for what deserves one.\n"
        "- **Find:** search goes through everything that you may read, in Chinese as well."
    )
