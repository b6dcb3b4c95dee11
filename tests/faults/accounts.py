"""A person's access to the server over HTTP: tokens, rooms, pages, and sending. Shared by the person's devices."""

import time
from typing import Any

import httpx

_SECONDS = 10.0
# Of the five minutes that a connection token is good for.
_TOKEN_SECONDS = 120.0


# As browsers have it, more or less.
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=4)


class HttpFailed(Exception):
    """No answer (status 0), or one that is not what was asked for."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text[:200]}")
        self.status = status

    @property
    def is_for_good(self) -> bool:
        return 400 <= self.status < 500 and self.status not in (401, 408, 425, 429)


class Account:
    """`address` is http://HOST:PORT of where this person reaches the server: a damaged cable, as a rule."""

    def __init__(self, name: str, person: int, address: str) -> None:
        self.name = name
        self.person = person
        self.address = address
        self.sockets = address.replace("http", "ws", 1)
        self.http = httpx.AsyncClient(base_url=address, timeout=_SECONDS, trust_env=False, limits=_LIMITS)
        self._tokens: dict[str, str] = {}
        self._connection_token = ""
        self._got_at = 0.0

    async def close(self) -> None:
        await self.http.aclose()

    async def sign_in(self) -> None:
        self._tokens = await self._request(
            "POST", "/api/auth/token", {"username": self.name, "password": f"{self.name}-teahouse"}, is_signed=False
        )

    @property
    def refresh_token(self) -> str:
        return self._tokens["refresh"]

    async def connection_token(self) -> str:
        """Raises HttpFailed."""
        if not self._connection_token or time.monotonic() - self._got_at > _TOKEN_SECONDS:
            self._connection_token = (await self.request("POST", "/api/auth/connection-token"))["token"]
            self._got_at = time.monotonic()
        return self._connection_token

    def forget_connection_token(self) -> None:
        self._connection_token = ""

    async def publications(self, channel: str, after: int) -> list[tuple[int, dict[str, object]]]:
        """Offset and data of the oldest ones past `after`; none at the head. Raises HttpFailed."""
        kind, _, number = channel.partition(":")
        path = {"room": f"rooms/{number}", "user": "me"}.get(kind, "site")
        page = await self.request("GET", f"/api/{path}/publications?after={after}&limit=200")
        return [(one["offset"], one["data"]) for one in page["results"]]

    async def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Raises HttpFailed."""
        try:
            return await self._request(method, path, body)
        except HttpFailed as failed:
            if failed.status != 401:
                raise
        # The clock has moved past the token's end.
        await self.sign_in()
        return await self._request(method, path, body)

    async def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, is_signed: bool = True
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._tokens['access']}"} if is_signed else {}
        try:
            answer = await self.http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise HttpFailed(0, type(error).__name__) from None
        if not answer.is_success:
            raise HttpFailed(answer.status_code, answer.text)
        if not answer.content:
            return {}
        found: dict[str, Any] = answer.json()
        return found
