"""
Somebody with the article's page open: hears the lobby through the classic door, has no positions, and comes back after
every end.
"""

import asyncio
import contextlib
import json
import random

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.accounts import Account
from tests.faults.notebook import Notebook
from tests.faults.record import Stored

_SECONDS = 5.0
_PING_SECONDS = 1.0


class ClassicEar:
    def __init__(self, account: Account, notebook: Notebook, lobby: int) -> None:
        self.name = f"{account.name}-classic"
        self._account = account
        self._notebook = notebook
        self._channel = f"room:{lobby}"

    async def live(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self._connection()
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 1006
                self._notebook.closed(self.name, code, error.rcvd.reason if error.rcvd else "")
            except (OSError, InvalidHandshake, TimeoutError, EOFError) as error:
                self._notebook.closed(self.name, 0, type(error).__name__)
            await asyncio.sleep(random.uniform(0.2, 0.6))

    async def _connection(self) -> None:
        url = f"{self._account.sockets}/infra/ws?token={self._account.refresh_token}"
        async with connect(
            url, compression=None, proxy=None, ping_interval=None, open_timeout=_SECONDS, close_timeout=1
        ) as socket:
            subscription = self._notebook.new_subscription()
            silence = 0.0
            while silence < _SECONDS:
                await socket.send("ping")
                silence += _PING_SECONDS
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PING_SECONDS):
                        while True:
                            self._take(subscription, str(await socket.recv()))
                            silence = 0.0
            raise TimeoutError

    def _take(self, subscription: int, text: str) -> None:
        if text == "pong":
            return
        frame = json.loads(text)
        content = json.loads(frame["content"])
        if frame["type"] != "demo-message-receive" or content.get("single"):
            return
        heard = Stored(
            offset=0,
            kind="message.posted",
            id=content["id"],
            number=content["number"],
            author=content["fromUserId"],
            body=content["text"],
        )
        self._notebook.delivered(
            subscription, self.name, self._account.person, f"room:{content['roomId']}", "classic", heard
        )
