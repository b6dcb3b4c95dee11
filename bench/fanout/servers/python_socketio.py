"""python-socketio under uvicorn: three rooms a connection. Runs in the bench's own environment."""

import os
import time

import jwt
import socketio

sio = socketio.AsyncServer(
    async_mode="asgi",
    transports=["websocket"],
    ping_interval=float(os.environ["BENCH_PING_SECONDS"]),
    ping_timeout=20,
    max_http_buffer_size=65536,
)
app = socketio.ASGIApp(sio)
users: dict[str, str] = {}


@sio.event
async def connect(sid, _environ, auth):
    try:
        users[sid] = jwt.decode(auth["token"], os.environ["BENCH_SECRET"], algorithms=["HS256"])["sub"]
    except (jwt.PyJWTError, KeyError, TypeError):
        raise socketio.exceptions.ConnectionRefusedError("a token is needed") from None
    for room in ("lobby", "site", f"user:{users[sid]}"):
        await sio.enter_room(sid, room)


@sio.event
async def disconnect(sid):
    users.pop(sid, None)


@sio.event
async def m(sid, said):
    answer = {"from": users[sid], "room": said["room"], "at": int(time.time() * 1000), "text": said["text"]}
    await sio.emit("m", answer, room="lobby")
