"""Tokens for the peers: JWT (RFC 7519) with HS256, signed here so that no peer's library is needed to make them."""

import base64
import hashlib
import hmac
import json
import secrets
import time

PEOPLE = 100
SECRET = secrets.token_hex(32)


def mint() -> list[str]:
    """One for each of 100 people, for two hours. The claims are those that any of the peers asks for."""
    return [_signed(number) for number in range(1, PEOPLE + 1)]


def _signed(number: int) -> str:
    now = int(time.time())
    claims = {
        "sub": str(number),
        # What a refresh token of SimpleJWT has.
        "token_type": "refresh",
        "user_id": str(number),
        "jti": secrets.token_hex(16),
        "iat": now,
        "exp": now + 7200,
    }
    signed = f"{_base64({'alg': 'HS256', 'typ': 'JWT'})}.{_base64(claims)}"
    digest = hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _base64(value: object) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
