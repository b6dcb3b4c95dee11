"""`uvicorn bench.log.servers.saving_site.asgi:application`"""

import json

import django

django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from bench.log.servers.saving_site.models import Message  # noqa: E402


class Chat(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        asked = json.loads(text_data or "{}")
        message = await database_sync_to_async(Message.objects.create)(
            room=asked["room"], author=asked["author"], client_key=asked["client_key"], body=asked["body"]
        )
        await self.send(json.dumps({"id": asked["id"], "message": message.pk}, separators=(",", ":")))


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws", Chat.as_asgi())])})
