"""What a shown name is cleaned of. Usernames and passwords are tried where they are used, in `test_services`."""

import pytest
from django.core.exceptions import ValidationError

from teahouse.accounts.validation import clean_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("王小明", "王小明", id="Chinese"),
        pytest.param("  Alice   B. \t C ", "Alice B. C", id="space"),
        pytest.param("", "", id="empty"),
        pytest.param("\u200b\u202e\u2066", "", id="only what is not seen"),
        pytest.param("ad\u202emin", "admin", id="a turned writing direction"),
        pytest.param("ad\u200bmin", "admin", id="a zero-width space"),
        pytest.param("a\x00b\x1b[31mc", "ab[31mc", id="controls"),
        pytest.param("\ud800x", "x", id="half a surrogate pair"),
        pytest.param("Jose\u0301", "José", id="a letter in two parts"),
        pytest.param("🍵", "🍵", id="an emoji"),
        pytest.param("n" * 80 + "\u200b", "n" * 80, id="80 characters that are seen"),
    ],
)
def test_a_name_is_what_others_see(given: str, shown: str) -> None:
    assert shown == clean_name(given)


def test_a_name_of_81_characters_is_too_long() -> None:
    with pytest.raises(ValidationError) as caught:
        clean_name("茶" * 81)

    assert ["name"] == list(caught.value.message_dict)
