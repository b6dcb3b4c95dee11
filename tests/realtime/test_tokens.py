"""Who a token stands for, and which ones are none."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from teahouse.realtime.tokens import (
    BadToken,
    ServerSubscription,
    TokenConf,
    TokenExpired,
    Verifier,
    connection_token,
    subscription_token,
)

KEY, OLD_KEY, OTHER_KEY = "k" * 64, "o" * 64, "x" * 64
CONF = TokenConf(
    hmac_key=KEY,
    previous_hmac_keys=(OLD_KEY,),
    issuer="https://tea.example",
    connection_audience="connect",
    subscription_audience="subscribe",
)
GOOD = {"sub": "42", "aud": "connect", "iss": "https://tea.example"}
FOR_CHANNEL = {"sub": "42", "channel": "$news", "aud": "subscribe", "iss": "https://tea.example"}


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(CONF)


def signed(claims: dict[str, Any], key: Any = KEY, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers or None)


def test_what_is_made_here_is_good_here(verifier: Verifier) -> None:
    text = connection_token(
        CONF, user="42", sid="s", info={"name": "茶"}, channels=["news", "#42"], lifetime_seconds=60
    )
    claims = verifier.connection(text)

    assert ("42", "s", '{"name":"茶"}'.encode()) == (claims.user, claims.sid, claims.info)
    assert {"news": ServerSubscription(), "#42": ServerSubscription()} == claims.subscriptions
    assert claims.expires_at is not None
    assert 55 < claims.expires_at - time.time() <= 60
    assert time.time() - 5 < claims.issued_at <= time.time()


def test_a_subscription_token_names_user_and_channel(verifier: Verifier) -> None:
    claims = verifier.subscription(subscription_token(CONF, user="42", channel="$news", info={"a": 1}))

    assert ("42", "$news", "", b'{"a":1}') == (claims.user, claims.channel, claims.client, claims.info)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("key", [KEY, OLD_KEY], ids=["key", "the key before"])
def test_every_length_of_hash_and_the_keys_of_before_are_good(verifier: Verifier, algorithm: str, key: str) -> None:
    assert "42" == verifier.connection(signed(GOOD, key, algorithm)).user


def _pem(public: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(public.public_bytes(serialization.Encoding.PEM, form).decode())


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        pytest.param(rsa.generate_private_key(public_exponent=65_537, key_size=2048), "RS256", id="RSA"),
        pytest.param(ec.generate_private_key(ec.SECP256R1()), "ES256", id="a curve"),
    ],
)
def test_another_system_may_sign_with_a_key_that_is_not_known_here(private: Any, algorithm: str) -> None:
    public = _pem(private.public_key())
    verifier = Verifier(TokenConf(public_key=public))

    assert "42" == verifier.connection(signed({"sub": "42"}, private, algorithm)).user
    # The public key is known to all: it must not be taken for an HMAC key (PyJWT does not even make such a token).
    header, payload = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1"})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload)]
    signature = hmac.new(public.encode(), b".".join(parts), hashlib.sha256).digest()
    forged = b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()
    with pytest.raises(BadToken):
        verifier.connection(forged)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("garbage", id="garbage"),
        pytest.param("a.b.c", id="three parts"),
        pytest.param("x" * 100_000, id="huge"),
        pytest.param(signed(GOOD, OTHER_KEY), id="of another key"),
        pytest.param(jwt.encode(GOOD, None, algorithm="none"), id="without a signature"),
        pytest.param(signed({**GOOD, "aud": "subscribe"}), id="of another audience"),
        pytest.param(signed({"sub": "42", "iss": "https://tea.example"}), id="of no audience"),
        pytest.param(signed({**GOOD, "iss": "https://evil.example"}), id="of another issuer"),
        pytest.param(signed({**GOOD, "nbf": time.time() + 600_000}), id="not good yet"),
        pytest.param(signed({**GOOD, "channel": "news"}), id="for a channel"),
        pytest.param(signed({**GOOD, "channels": "news"}), id="channels that are no list"),
        pytest.param(signed({**GOOD, "channels": [1]}), id="channels that are no text"),
        pytest.param(signed({**GOOD, "subs": ["news"]}), id="subs that are no object"),
        pytest.param(signed({**GOOD, "expire_at": "soon"}), id="an end that is no number"),
        pytest.param(signed({**GOOD, "b64info": "%%%"}), id="info that is no base64"),
        pytest.param(signed({**GOOD, "b64info": base64.b64encode(b"{").decode()}), id="info that is no JSON"),
        pytest.param(signed({**GOOD, "b64info": "你好"}), id="info that is no ASCII"),
        pytest.param(signed({**GOOD, "info": {"name": "\ud800"}}), id="info with half a character"),
        pytest.param(signed({**GOOD, "sub": "\ud800"}), id="a user with half a character"),
        pytest.param(signed({**GOOD, "expire_at": 10**400}), id="an end that is no float"),
        pytest.param(signed({**GOOD, "expire_at": 1e300}), id="an end past all calendars"),
        pytest.param(signed(GOOD, crit=["x"], x=1), id="an unknown critical header"),
    ],
)
def test_what_is_no_connection_token(verifier: Verifier, text: str) -> None:
    with pytest.raises(BadToken):
        verifier.connection(text)


def test_an_end_that_is_past_is_said_apart(verifier: Verifier) -> None:
    with pytest.raises(TokenExpired):
        verifier.connection(signed({**GOOD, "exp": time.time() - 5}))
    with pytest.raises(TokenExpired):
        verifier.subscription(signed({**FOR_CHANNEL, "exp": time.time() - 5}))
    # Somebody else's is not called expired.
    with pytest.raises(BadToken):
        verifier.connection(signed({**GOOD, "exp": time.time() - 5}, OTHER_KEY))


@pytest.mark.parametrize(
    ("claims", "end"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"exp": 4_000_000_000}, 4_000_000_000, id="exp"),
        pytest.param({"exp": 4_000_000_000, "expire_at": 3_900_000_000}, 3_900_000_000, id="another one"),
        pytest.param({"exp": 4_000_000_000, "expire_at": 0}, None, id="never"),
    ],
)
def test_when_the_connection_ends(verifier: Verifier, claims: dict[str, Any], end: float | None) -> None:
    assert end == verifier.connection(signed({**GOOD, **claims})).expires_at


def test_subscriptions_with_options(verifier: Verifier) -> None:
    subs = {"a": {"info": {"x": 1}}, "b": {"data": [1]}, "c": {}, "d": None}
    claims = verifier.connection(signed({**GOOD, "channels": ["e"], "subs": subs}))

    assert {
        "a": ServerSubscription(info=b'{"x":1}'),
        "b": ServerSubscription(data=b"[1]"),
        "c": ServerSubscription(),
        "d": ServerSubscription(),
        "e": ServerSubscription(),
    } == claims.subscriptions


def test_without_a_key_there_are_no_tokens() -> None:
    with pytest.raises(BadToken):
        Verifier(TokenConf()).connection(signed({"sub": "42"}))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"exp": 4_000_000_000},
        {"exp": 4_000_000_000.5},
        {"exp": "soon"},
        {"exp": 1},
        {"exp": 4_000_000_000, "nbf": 4_000_000_000},
        {"exp": 4_000_000_000, "iat": 4_000_000_000},
        {"exp": 4_000_000_000, "aud": "subscribe"},
        {"exp": 4_000_000_000, "aud": ["connect", "other"]},
        {"exp": 4_000_000_000, "iss": ["https://tea.example"]},
        {"exp": 4_000_000_000, "sub": 42},
        {"exp": 4_000_000_000, "jti": 42},
        {"exp": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("key", [KEY, OTHER_KEY], ids=["ours", "another's"])
def test_with_and_without_the_short_way_a_token_is_judged_alike(claims: dict[str, Any], key: str) -> None:
    judged = []
    header, payload = ({"alg": "HS256", "typ": "JWT"}, {**GOOD, **claims})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload)]
    parts[0] = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    signature = hmac.digest(key.encode(), b".".join(parts), "sha256")
    text = b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()
    for verifier in (Verifier(CONF), Verifier(CONF)):
        if judged:
            verifier._plain = SlowWay()
        try:
            judged.append(str(verifier.connection(text)))
        except (BadToken, TokenExpired) as error:
            judged.append(type(error).__name__)

    assert judged[0] == judged[1]


class SlowWay:
    def claims(self, text: str, audience: str | None) -> None:
        return None


@pytest.mark.parametrize(
    "settings",
    [
        {"hmac_key": "k" * 31},
        {"hmac_key": "k" * 32, "previous_hmac_keys": ["short"]},
        {"public_key": "garbage"},
        {"public_key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"},
    ],
)
def test_keys_that_are_none_are_refused_before_anything_starts(settings: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError, match="key"):
        msgspec.convert(settings, TokenConf)


def test_a_key_that_signs_otherwise_is_refused_too() -> None:
    with pytest.raises(ValueError, match="elliptic curve"):
        TokenConf(public_key=_pem(ed25519.Ed25519PrivateKey.generate().public_key()))
