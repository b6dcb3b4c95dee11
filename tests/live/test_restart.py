"""A thousand pages and a server that restarts under them (vector 10); the bench has the time it takes."""

import asyncio
import contextlib

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.live.server import Server, running

_PAGES = 1_000


async def _page(url: str, opened: asyncio.Queue[ClientConnection], codes: list[int]) -> None:
    """As the article's page: comes back one second after every end, for ever."""
    while True:
        with contextlib.suppress(OSError, Exception):
            async with connect(url, compression=None, proxy=None, open_timeout=30, ping_interval=None) as page:
                await page.send("ping")
                assert await page.recv() == "pong"
                opened.put_nowait(page)
                await page.wait_closed()
                codes.append(page.close_code or 0)
        await asyncio.sleep(1)


async def _restart_under(house: Server) -> list[int]:
    token = house.tokens("alice")["refresh"]
    url = f"ws://127.0.0.1:{house.port}/infra/ws?token={token}"
    opened: asyncio.Queue[ClientConnection] = asyncio.Queue()
    codes: list[int] = []
    pages = [asyncio.create_task(_page(url, opened, codes)) for _ in range(_PAGES)]
    try:
        for _ in pages:
            await asyncio.wait_for(opened.get(), 60)
        await asyncio.to_thread(house.stop)
        await asyncio.to_thread(house.start)
        for _ in pages:
            await asyncio.wait_for(opened.get(), 60)
    finally:
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
    return codes


def test_a_thousand_pages_come_back_after_a_restart(data) -> None:  # type: ignore[no-untyped-def]
    with running(data, TEAHOUSE_MAX_CONNECTIONS_PER_USER="2000") as house:
        codes = asyncio.run(_restart_under(house))

        assert [1012] * _PAGES == codes[:_PAGES]
        assert 200 == httpx.get(f"{house.address}/readyz").status_code
        assert "Traceback" not in house.log
