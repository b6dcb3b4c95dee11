"""Django's ASGI handler, keeping long bodies in the data folder: the system's own for them may be in memory."""

import asyncio
import tempfile
from typing import IO

from asgiref.typing import ASGIReceiveCallable
from django import setup
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler


class Handler(ASGIHandler):
    async def read_body(self, receive: ASGIReceiveCallable) -> IO[bytes]:  # type: ignore[override]
        """As Django's, in `FILE_UPLOAD_TEMP_DIR`, and off the event loop once it is on the disk."""
        file = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE, mode="w+b", dir=settings.FILE_UPLOAD_TEMP_DIR
        )
        written = 0
        try:
            while True:
                event = await receive()
                if event["type"] != "http.request":
                    raise RequestAborted
                body = event.get("body", b"")
                written += len(body)
                if written > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
                    await asyncio.to_thread(file.write, body)
                else:
                    file.write(body)
                if not event.get("more_body", False):
                    break
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file


def django_application() -> Handler:
    """As `django.core.asgi.get_asgi_application`."""
    setup(set_prefix=False)
    return Handler()
