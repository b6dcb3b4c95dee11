"""The ASGI lifespan: the engine starts before the first request and stops after the last."""

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, LifespanScope

from teahouse.realtime.engine import started_engine, stop_engine


async def lifespan(scope: LifespanScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            await started_engine()
            await send({"type": "lifespan.startup.complete"})
        elif event["type"] == "lifespan.shutdown":
            await stop_engine()
            await send({"type": "lifespan.shutdown.complete"})
            return
