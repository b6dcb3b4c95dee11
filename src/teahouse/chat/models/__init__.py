from teahouse.chat.models.channels import Channel, PublicationRecord
from teahouse.chat.models.messages import Message
from teahouse.chat.models.notices import Notice, NoticePush
from teahouse.chat.models.rooms import Membership, Room

__all__ = ["Channel", "Membership", "Message", "Notice", "NoticePush", "PublicationRecord", "Room"]
