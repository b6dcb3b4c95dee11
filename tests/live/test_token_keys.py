"""The keys of tokens, in a site: one that was replaced by another, and those whose public half is all we know."""

import contextlib
import hashlib
import hmac
import json
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.exceptions import ConnectionClosed

from tests.live.native import door
from tests.live.server import Server, running
from tests.live.sites import environment_of, python, servers_of

KEY, OLD_KEY, OTHER_KEY = "k" * 64, "o" * 64, "x" * 64
_BAD_TOKEN, _PERMISSION_DENIED = 3500, 103
# Of a namespace that needs a token.
_CHANNEL = "alone:5"
_MIGRATED_WITH_ANN = """
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command

call_command("migrate", verbosity=0)
print(User.objects.create(username="ann").pk)
"""

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@contextlib.contextmanager
def site_with(data: pathlib.Path, **tokens: Any) -> Iterator[Server]:
    """A site with these settings of tokens, and with the user 1."""
    realtime = json.dumps({"tokens": tokens})
    environment = environment_of("plain_site", PLAIN_SITE_DATA=str(data), PLAIN_SITE_REALTIME=realtime)
    made = python(environment, "-c", _MIGRATED_WITH_ANN)
    assert "1" == made.stdout.strip(), made.stderr
    with running(data, *servers_of("plain_site")["fast"], **environment) as site:
        yield site


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "1", "exp": int(time.time()) + 300, **more}


def is_let_in(site: Server, token: str) -> bool:
    """Else it is sent away for good."""
    with door(site) as ann:
        ann.say("connect", token=token)
        try:
            return "connect" in ann.next()
        except ConnectionClosed:
            assert _BAD_TOKEN == ann.closed()
            return False


def answered(site: Server, connection: str, subscription: str) -> dict[str, Any]:
    """What the second token is answered in a connection of the first."""
    with door(site) as ann:
        ann.connect(connection)
        return ann.ask("subscribe", channel=_CHANNEL, token=subscription)


# A key that was replaced.


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with site_with(tmp_path_factory.mktemp("rotated"), hmac_key=KEY, previous_hmac_keys=[OLD_KEY]) as site:
        yield site


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(
    ("key", "is_good"),
    [
        pytest.param(KEY, True, id="the key"),
        pytest.param(OLD_KEY, True, id="the key before"),
        pytest.param(OTHER_KEY, False, id="another key"),
    ],
)
def test_tokens_of_the_key_and_of_those_before_are_good(
    rotated: Server, algorithm: str, key: str, is_good: bool
) -> None:
    connection = jwt.encode(claims(), key, algorithm=algorithm)
    subscription = jwt.encode(claims(channel=_CHANNEL), key, algorithm=algorithm)

    assert is_good == is_let_in(rotated, connection)
    answer = answered(rotated, jwt.encode(claims(), KEY), subscription)
    assert ("error" not in answer) if is_good else (_PERMISSION_DENIED == answer["error"]["code"])


def test_what_a_view_makes_is_of_the_new_key(rotated: Server) -> None:
    token = rotated.http("GET", "/token/bea").json()["token"]

    assert "2" == jwt.decode(token, KEY, algorithms=["HS256"])["sub"]
    assert is_let_in(rotated, token)


# Keys of others.


class Others(NamedTuple):
    """A site that knows `public`, and the key that makes tokens for it."""

    site: Server
    private: PrivateKey
    another: PrivateKey
    algorithms: tuple[str, ...]

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def token(self, **more: Any) -> str:
        return jwt.encode(claims(**more), self.private, algorithm=self.algorithms[0])


def _of_rsa() -> PrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


_KINDS: dict[str, tuple[Callable[[], PrivateKey], tuple[str, ...]]] = {
    "RSA": (_of_rsa, ("RS256", "RS384", "RS512")),
    "P-256": (lambda: ec.generate_private_key(ec.SECP256R1()), ("ES256",)),
    "P-384": (lambda: ec.generate_private_key(ec.SECP384R1()), ("ES384",)),
    "P-521": (lambda: ec.generate_private_key(ec.SECP521R1()), ("ES512",)),
}


@pytest.fixture(scope="module", params=_KINDS)
def others(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Others]:
    make, algorithms = _KINDS[request.param]
    known = Others(None, make(), make(), algorithms)  # type: ignore[arg-type]
    with site_with(tmp_path_factory.mktemp(request.param), public_key=known.public.decode()) as site:
        yield known._replace(site=site)


def test_another_system_makes_tokens_with_a_key_that_we_do_not_have(others: Others) -> None:
    for algorithm in others.algorithms:
        assert is_let_in(others.site, jwt.encode(claims(), others.private, algorithm=algorithm))
    assert "error" not in answered(others.site, others.token(), others.token(channel=_CHANNEL))


def _without_a_signature(others: Others, given: dict[str, Any]) -> str:
    return jwt.encode(given, None, algorithm="none")


def _hashed_with(key: bytes, given: dict[str, Any]) -> str:
    # PyJWT makes no such token.
    text = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(given)}"
    return f"{text}.{_encoded(hmac.digest(key, text.encode(), hashlib.sha256))}"


def _part(value: object) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return jwt.utils.base64url_encode(data).decode()


def _of_another_key(others: Others, given: dict[str, Any]) -> str:
    return jwt.encode(given, others.another, algorithm=others.algorithms[0])


def _that_brings_its_key(others: Others, given: dict[str, Any]) -> str:
    algorithm = others.algorithms[0]
    public = others.another.public_key()
    key = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
    return jwt.encode(given, others.another, algorithm=algorithm, headers={"jwk": key})


def _with_a_signature_of_zeros(others: Others, given: dict[str, Any]) -> str:
    *text, signature = jwt.encode(given, others.private, algorithm=others.algorithms[0]).split(".")
    return ".".join([*text, _encoded(bytes(len(jwt.utils.base64url_decode(signature))))])


def _with_other_claims(others: Others, given: dict[str, Any]) -> str:
    header, _, signature = others.token(**{**given, "sub": "2"}).split(".")
    return ".".join([header, _part(given), signature])


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(_without_a_signature, id="without a signature"),
        # What is public must not be taken for what is shared.
        pytest.param(lambda others, given: _hashed_with(others.public, given), id="hashed with the PEM"),
        pytest.param(lambda others, given: _hashed_with(others.public.strip(), given), id="with the PEM stripped"),
        pytest.param(lambda others, given: _hashed_with(b"", given), id="with nothing"),
        pytest.param(_of_another_key, id="of another key"),
        pytest.param(_that_brings_its_key, id="that brings its key"),
        pytest.param(_with_a_signature_of_zeros, id="with a signature of zeros"),
        pytest.param(_with_other_claims, id="with other claims"),
    ],
)
def test_nobody_else_makes_such_a_token(others: Others, forged: Callable[[Others, dict[str, Any]], str]) -> None:
    assert not is_let_in(others.site, forged(others, claims()))
    answer = answered(others.site, others.token(), forged(others, claims(channel=_CHANNEL)))
    assert _PERMISSION_DENIED == answer["error"]["code"]
