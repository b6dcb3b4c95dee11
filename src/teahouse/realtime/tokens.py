"""
The tokens of the native door (JWT, RFC 7519): who connects, and who may subscribe to what. No database is asked.

`connection_token` and `subscription_token` make them for a Django site; another system that knows the key may make
them itself, with the claims that Centrifugo documents.
"""

import base64
import binascii
import functools
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
import msgspec

from teahouse.realtime.wire.centrifuge.codec import one_line

_HMAC = ("HS256", "HS384", "HS512")
_RSA = ("RS256", "RS384", "RS512")
_CURVES = ("ES256", "ES384", "ES512")
_MOST_CHARS = 8_192
# RFC 7518 §3.2.
_LEAST_KEY_BYTES = 32
# Past the year 9999.
_MOST_SECONDS = 1e12


class BadToken(Exception):
    """It is no token of ours, or not for this. The text is for logs, never for the one who sent it."""


class TokenExpired(Exception):
    """It was good once."""


class TokenConf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tokens are verified with. Without a key there are none."""

    # HMAC (HS256, HS384, HS512), at least 32 bytes; tokens are made with it too.
    hmac_key: str = ""
    # Keys that were used before: their tokens are still good.
    previous_hmac_keys: tuple[str, ...] = ()
    # PEM, for tokens that others make with RS256 to RS512 or ES256 to ES512.
    public_key: str = ""
    issuer: str | None = None
    # `aud` of the two kinds; None: not looked at.
    connection_audience: str | None = None
    subscription_audience: str | None = None

    def __post_init__(self) -> None:
        for key in filter(None, (self.hmac_key, *self.previous_hmac_keys)):
            if len(key.encode()) < _LEAST_KEY_BYTES:
                raise ValueError(f"a key for HMAC needs at least {_LEAST_KEY_BYTES} bytes")
        if self.public_key:
            _is_of_a_curve(self.public_key)


class ServerSubscription(msgspec.Struct, frozen=True):
    """In a connection token: what the connection hears from its first moment on. Both are JSON or b""."""

    info: bytes = b""
    data: bytes = b""


class ConnectionClaims(msgspec.Struct, frozen=True, kw_only=True):
    """`expires_at` is when the connection ends, None for never; times are seconds since 1970."""

    user: str
    expires_at: float | None
    issued_at: float
    token_id: str | None
    sid: str | None
    info: bytes
    subscriptions: Mapping[str, ServerSubscription]


class SubscriptionClaims(msgspec.Struct, frozen=True, kw_only=True):
    user: str
    channel: str
    client: str
    expires_at: float | None
    info: bytes
    data: bytes


class _PlainTokens:
    """
    The tokens that nearly all are (HS256, the usual header, in time) without PyJWT, which takes several times as long
    and would be a sixth of what a connection costs. What is in doubt here is PyJWT's to judge.
    """

    # {"alg":"HS256","typ":"JWT"}, as PyJWT and as jsonwebtoken write it, and in the other order.
    _HEADERS = frozenset(
        base64.urlsafe_b64encode(header).rstrip(b"=").decode()
        for header in (b'{"alg":"HS256","typ":"JWT"}', b'{"typ":"JWT","alg":"HS256"}', b'{"alg":"HS256"}')
    )

    def __init__(self, conf: TokenConf) -> None:
        self._has_key = bool(conf.hmac_key)
        # Copied for each token: `hmac.digest` would give other threads the interpreter's lock each time.
        self._mac = hmac.new(conf.hmac_key.encode(), digestmod="sha256")
        self._issuer = conf.issuer

    def claims(self, text: str, audience: str | None) -> dict[str, Any] | None:
        """None when in doubt."""
        header, _, rest = text.partition(".")
        payload, _, signature = rest.partition(".")
        if not self._has_key or header not in self._HEADERS or not text.isascii():
            return None
        mac = self._mac.copy()
        mac.update(text[: len(header) + 1 + len(payload)].encode())
        # A signature of 32 bytes has one way only to be written without padding.
        expected = base64.urlsafe_b64encode(mac.digest())[:-1].decode()
        if not hmac.compare_digest(expected, signature):
            return None
        try:
            claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict)
        except (binascii.Error, msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        return claims if self._is_in_time_and_ours(claims, audience) else None

    def _is_in_time_and_ours(self, claims: dict[str, Any], audience: str | None) -> bool:
        now = time.time()
        end, begin = claims.get("exp"), claims.get("iat", 0)
        return (
            type(end) is int
            and end > now
            and type(begin) is int
            and "nbf" not in claims
            and type(claims.get("sub", "")) is str
            and type(claims.get("jti", "")) is str
            and (audience is None or claims.get("aud") == audience)
            and (self._issuer is None or claims.get("iss") == self._issuer)
        )


class Verifier:
    def __init__(self, conf: TokenConf) -> None:
        self._conf = conf
        self._plain = _PlainTokens(conf)
        # Each with the algorithms that it may be used with.
        self._keys: list[tuple[str, Sequence[str]]] = []
        if conf.hmac_key:
            self._keys += [(key, _HMAC) for key in (conf.hmac_key, *conf.previous_hmac_keys)]
        if conf.public_key:
            self._keys.append((conf.public_key, _CURVES if _is_of_a_curve(conf.public_key) else _RSA))

    def connection(self, text: str) -> ConnectionClaims:
        """Raises BadToken, TokenExpired."""
        claims = self._claims(text, self._conf.connection_audience)
        if "channel" in claims:
            raise BadToken("a subscription token")
        subscriptions = {channel: ServerSubscription() for channel in _texts(claims.get("channels"))}
        for channel, given in _mapping(claims.get("subs")).items():
            options = _mapping(given)
            subscriptions[channel] = ServerSubscription(_json(options, "info"), _json(options, "data"))
        return ConnectionClaims(
            user=_text(claims.get("sub")),
            expires_at=_expiry(claims),
            issued_at=_number(claims.get("iat")) or 0,
            token_id=_text(claims.get("jti")) or None,
            sid=_text(claims.get("sid")) or None,
            info=_json(claims, "info"),
            subscriptions=subscriptions,
        )

    def subscription(self, text: str) -> SubscriptionClaims:
        """Raises BadToken, TokenExpired. Whose it is and for what, the caller compares."""
        claims = self._claims(text, self._conf.subscription_audience)
        return SubscriptionClaims(
            user=_text(claims.get("sub")),
            channel=_text(claims.get("channel")),
            client=_text(claims.get("client")),
            expires_at=_expiry(claims),
            info=_json(claims, "info"),
            data=_json(claims, "data"),
        )

    def _claims(self, text: str, audience: str | None) -> dict[str, Any]:
        if len(text) > _MOST_CHARS:
            raise BadToken("too long")
        plain = self._plain.claims(text, audience)
        if plain is not None:
            return plain
        error: Exception = BadToken("no key is set")
        for key, algorithms in self._keys:
            try:
                return jwt.decode(
                    text,
                    key,
                    algorithms=algorithms,
                    audience=audience,
                    issuer=self._conf.issuer,
                    # `iat` only informs: a clock that was set back must not send people away for good.
                    options={"verify_aud": audience is not None, "verify_iat": False},
                )
            except jwt.ExpiredSignatureError:
                raise TokenExpired from None
            except (jwt.PyJWTError, ValueError, RecursionError) as unfit:
                error = unfit
        raise BadToken(str(error))


def connection_token(
    conf: TokenConf,
    *,
    user: str,
    lifetime_seconds: float = 300,
    sid: str | None = None,
    info: object = None,
    channels: Sequence[str] = (),
) -> str:
    """For the `connect` command. `info` is shown to others in presence; `channels` are heard from the start."""
    claims: dict[str, object] = {"sub": user, "iat": int(time.time())}
    if conf.connection_audience is not None:
        claims["aud"] = conf.connection_audience
    if sid is not None:
        claims["sid"] = sid
    if channels:
        claims["channels"] = list(channels)
    return _signed(conf, claims, lifetime_seconds, info)


def subscription_token(
    conf: TokenConf, *, user: str, channel: str, lifetime_seconds: float = 300, info: object = None
) -> str:
    """For the `subscribe` command of this user to this channel."""
    claims: dict[str, object] = {"sub": user, "channel": channel, "iat": int(time.time())}
    if conf.subscription_audience is not None:
        claims["aud"] = conf.subscription_audience
    return _signed(conf, claims, lifetime_seconds, info)


def _signed(conf: TokenConf, claims: dict[str, object], lifetime_seconds: float, info: object) -> str:
    if conf.issuer is not None:
        claims["iss"] = conf.issuer
    if info is not None:
        claims["info"] = info
    claims["exp"] = int(time.time() + lifetime_seconds)
    return jwt.encode(claims, conf.hmac_key, algorithm="HS256")


def _expiry(claims: Mapping[str, Any]) -> float | None:
    """`expire_at` takes the place of `exp` as the end of the connection; 0 is never."""
    if (expire_at := _number(claims.get("expire_at"))) is not None:
        return expire_at or None
    return _number(claims.get("exp"))


def _json(claims: Mapping[str, Any], name: str) -> bytes:
    try:
        if claims.get(name) is not None:
            return msgspec.json.encode(claims[name])
        if encoded := claims.get(f"b64{name}"):
            return one_line(base64.b64decode(_text(encoded), validate=True))
    except (ValueError, OverflowError) as error:
        raise BadToken(f"{name}: {error}") from None
    return b""


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadToken("a claim is no text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            # It could be said to nobody.
            raise BadToken("a claim has half a character") from None
    return value


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadToken("a claim is no list")
    return [_text(entry) for entry in value]


def _mapping(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadToken("a claim is no object")
    return value


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadToken("a claim is no number")
    if not abs(value) < _MOST_SECONDS:
        raise BadToken("a claim is no time")
    return float(value)


@functools.lru_cache(maxsize=8)
def _is_of_a_curve(pem: str) -> bool:
    """Whether it is for ES256 and its like, not for RS256. Raises ValueError for any other key, and what is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("public_key is no public key in PEM") from None
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        raise ValueError("public_key is neither of RSA nor of an elliptic curve")  # noqa: TRY004 (a setting, no argument)
    return isinstance(key, EllipticCurvePublicKey)
