"""What pages may load: only what we serve. Django's admin keeps to it too. And what may be kept of the API: nothing."""

import base64
import hashlib
import pathlib

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

# The one script that stands in the page itself (CSP Level 3 §8.1: the hash of exactly what is between the tags).
_INLINE = pathlib.Path(__file__).parent / "templates" / "web" / "theme.js"
_INLINE_HASH = base64.b64encode(hashlib.sha256(_INLINE.read_bytes()).digest()).decode()

POLICY = (
    f"default-src 'self'; script-src 'self' 'sha256-{_INLINE_HASH}'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class ContentSecurityPolicy(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if request.path.startswith("/api/"):
            # Tokens and people's texts; what may be kept says so itself.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
