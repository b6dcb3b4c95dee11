"""What follows from Django's settings."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from teahouse.realtime import tokens
from teahouse.realtime.conf import Conf
from teahouse.realtime.tokens import BadToken, TokenConf, Verifier


def _user_of(token: str, conf: Conf) -> str:
    return Verifier(conf.tokens).connection(token).user


def test_a_token_of_the_secret_key_before_is_good_while_that_is_a_fallback(settings: Any) -> None:
    before = tokens.connection_token(Conf().tokens, user="7")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    with pytest.raises(BadToken):
        _user_of(before, Conf())
    settings.SECRET_KEY_FALLBACKS = ["o" * 50, old]

    assert "7" == _user_of(before, Conf())
    after = tokens.connection_token(Conf().tokens, user="7")
    settings.SECRET_KEY_FALLBACKS = []
    assert "7" == _user_of(after, Conf())


def test_keys_that_are_given_have_no_other_before_them_than_those_given(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = ["o" * 50]
    given = TokenConf(hmac_key="k" * 32, previous_hmac_keys=("p" * 32,))
    pem = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = TokenConf(public_key=pem.public_bytes(serialization.Encoding.PEM, form).decode())

    assert given == Conf(tokens=given).tokens
    assert public == Conf(tokens=public).tokens


def test_fallbacks_stand_beside_the_keys_before_that_are_given(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = ["o" * 50]
    first, *others = Conf(tokens=TokenConf(previous_hmac_keys=("p" * 32,))).tokens.previous_hmac_keys

    assert "p" * 32 == first
    assert 1 == len(others)
    assert "o" * 50 not in others
