"""As the documentation of Channels has them: one for coroutines, one for threads."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer


class Talk(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        self.group = self.scope["url_route"]["kwargs"]["group"]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json({"channel": self.channel_name})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any) -> None:
        await self.channel_layer.group_send(self.group, {"type": "talk.said", "text": content, "raw": b"\x00\xff"})

    async def talk_said(self, event: dict[str, Any]) -> None:
        await self.send_json({"text": event["text"], "raw": event.get("raw", b"").hex()})


class News(JsonWebsocketConsumer):  # type: ignore[misc]
    groups = ["news"]

    def receive_json(self, content: Any) -> None:
        async_to_sync(self.channel_layer.group_send)("news", {"type": "news.posted", "text": content})

    def news_posted(self, event: dict[str, Any]) -> None:
        self.send_json({"news": event["text"]})
