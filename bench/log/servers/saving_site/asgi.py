"""`uvicorn bench.log.servers.saving_site.asgi:application`"""

import json

import django

django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402

from bench.log.servers.saving_site.models import Message  # noqa: E402


class Saves(AsyncWebsocketConsumer):
    """Saves and acknowledges, and tells nobody."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        asked = json.loads(text_data or "{}")
        message = await database_sync_to_async(Message.objects.create)(
            room=asked["room"], author=asked["author"], client_key=asked["client_key"], body=asked["body"]
        )
        await self.send(json.dumps({"id": asked["id"], "message": message.pk}, separators=(",", ":")))
        await self.tell(message)

    async def tell(self, message: Message) -> None:
        pass


class SavesAndTells(Saves):
    """As a chat does: the others in the room hear it, by the channel layer."""

    async def connect(self) -> None:
        self.group = f"room.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def tell(self, message: Message) -> None:
        posted = {"id": message.pk, "room": message.room, "author": message.author, "body": message.body}
        await self.channel_layer.group_send(self.group, {"type": "posted", "message": posted})

    async def posted(self, event: dict[str, object]) -> None:
        await self.send(json.dumps({"push": event["message"]}, separators=(",", ":")))


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws", Saves.as_asgi()), path("ws/<int:room>", SavesAndTells.as_asgi())]),
    }
)
