from teahouse.chat.models.channels import Channel, PublicationRecord
from teahouse.chat.models.files import File
from teahouse.chat.models.messages import Mention, Message, Pin, Reaction, Revision, Thread, ThreadFollowing
from teahouse.chat.models.notices import Notice, NoticePush, NoticeReading, NoticeTarget
from teahouse.chat.models.personal import Draft, SavedMessage
from teahouse.chat.models.rooms import Ban, InviteLink, Membership, Room
from teahouse.chat.models.search import SearchPosition

__all__ = [
    "Ban",
    "Channel",
    "Draft",
    "File",
    "InviteLink",
    "Membership",
    "Mention",
    "Message",
    "Notice",
    "NoticePush",
    "NoticeReading",
    "NoticeTarget",
    "Pin",
    "PublicationRecord",
    "Reaction",
    "Revision",
    "Room",
    "SavedMessage",
    "SearchPosition",
    "Thread",
    "ThreadFollowing",
]
