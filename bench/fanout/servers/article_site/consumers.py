"""
The article's consumer, rewritten with its steps: token in the query, the person's channel in the cache, groups, JSON in
JSON both ways. It joins three groups where the article's joins one, as every peer here subscribes to three channels.
"""

import json
import logging

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.cache import cache
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

logger = logging.getLogger(__name__)


class RoomConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        query = self.scope["query_string"].decode()
        given = [part.split("=") for part in query.split("&") if part.startswith("token=")]
        if not given or len(given[0]) != 2:
            await self.close(code=4001)
            return
        try:
            self.user_id = RefreshToken(given[0][1])["user_id"]
        except TokenError:
            await self.close(code=4003)
            return
        cache.set(f"user_{self.user_id}_channel", self.channel_name)
        self.room_group_names = [settings.DEFAULT_GROUP_NAME, "site", f"user-{self.user_id}"]
        for name in self.room_group_names:
            await self.channel_layer.group_add(name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        for name in getattr(self, "room_group_names", ()):
            await self.channel_layer.group_discard(name, self.channel_name)
        if hasattr(self, "user_id"):
            cache.delete(f"user_{self.user_id}_channel")

    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "ping":
            await self.send(text_data="pong")
            return
        logger.info("user %s sent %s", self.user_id, text_data)
        try:
            outer = json.loads(text_data)
            inner = json.loads(outer.get("content", "{}"))
        except json.JSONDecodeError:
            logger.exception("not JSON")
            return
        text = inner.get("text", "").strip()
        if outer.get("type") != "demo-message-send" or not text:
            return
        content = {"fromUserId": self.user_id, "text": text, "single": False}
        receiver = inner.get("toUserId")
        if receiver in (None, "", 0):
            event = {"type": "broadcast.message", "payload": self._response(content)}
            await self.channel_layer.group_send(settings.DEFAULT_GROUP_NAME, event)
        elif channel := cache.get(f"user_{receiver}_channel"):
            event = {"type": "single.message", "payload": self._response({**content, "single": True})}
            await self.channel_layer.send(channel, event)

    def _response(self, content):
        return json.dumps({"type": "demo-message-receive", "content": json.dumps(content)})

    async def broadcast_message(self, event):
        await self.send(text_data=event["payload"])

    async def single_message(self, event):
        await self.send(text_data=event["payload"])
