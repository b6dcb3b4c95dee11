"""What a username, a name and a password may look like. Raises django.core.exceptions.ValidationError by field."""

import unicodedata

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from teahouse.accounts.models import User

_USERNAME_CHARS = 150
_NAME_CHARS = 80
_PASSWORD_CHARS = 1_000


def clean_username(username: str) -> str:
    username = User.normalize_username(username.strip())
    if not 1 <= len(username) <= _USERNAME_CHARS:
        raise ValidationError({"username": [_("A username has 1 to 150 characters.")]})
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise ValidationError({"username": error.messages}) from None
    return username


def clean_name(name: str) -> str:
    """The name as others see it, without what is not seen: controls, and marks that turn the writing direction."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(character for character in name if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    name = " ".join(name.split())
    if len(name) > _NAME_CHARS:
        raise ValidationError({"name": [_("A name has at most 80 characters.")]})
    return name


def check_password(password: str, user: User) -> None:
    if len(password) > _PASSWORD_CHARS:
        raise ValidationError({"password": [_("A password has at most 1,000 characters.")]})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from None
