"""uWebSockets through socketify: three topics a connection. Runs in the bench's own environment: PORT."""

import json
import os
import sys
import time

import jwt
from socketify import App, CompressOptions, OpCode

SECRET = os.environ["BENCH_SECRET"]
app = App()


def upgrade(response, request, context):
    try:
        claims = jwt.decode(request.get_query("token"), SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        response.write_status(401).end("")
        return
    response.upgrade(
        request.get_header("sec-websocket-key"),
        request.get_header("sec-websocket-protocol"),
        request.get_header("sec-websocket-extensions"),
        context,
        {"user": claims["sub"]},
    )


def opened(socket):
    for topic in ("lobby", "site", f"user:{socket.get_user_data()['user']}"):
        socket.subscribe(topic)
    socket.send("ready", OpCode.TEXT)


def message(socket, text, _code):
    if text == "ping":
        socket.send("pong", OpCode.TEXT)
        return
    said = json.loads(text)
    answer = {
        "from": socket.get_user_data()["user"],
        "room": said["room"],
        "at": int(time.time() * 1000),
        "text": said["text"],
    }
    app.publish("lobby", json.dumps(answer), OpCode.TEXT)


app.ws(
    "/*",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 65536,
        "idle_timeout": 120,
        "upgrade": upgrade,
        "open": opened,
        "message": message,
    },
)
app.listen({"port": int(sys.argv[1]), "host": "127.0.0.1"})
app.run()
