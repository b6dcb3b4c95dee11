"""What the chat's people hear, and who of them is not welcome any more."""

from teahouse.chat.realtime import ChatApplication
from teahouse.realtime.users import UsersApplication


class SiteChat(ChatApplication, UsersApplication):
    pass
