"""What the server says to people exists in Chinese, and the compiled catalogue is the written one."""

import io
import pathlib

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

_SOURCE = pathlib.Path(__file__).parents[1] / "src" / "teahouse"
_CATALOGUE = _SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_every_text_is_translated() -> None:
    with _CATALOGUE.open("rb") as file:
        translated = {
            message.id for message in read_po(file) if isinstance(message.id, str) and message.id and message.string
        }
    said = {message for _, _, message, _, _ in extract_from_dir(_SOURCE, method_map=[("**.py", "python")])}

    assert said == translated


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = io.BytesIO()
    with _CATALOGUE.open("rb") as file:
        write_mo(compiled, read_po(file))
    with _CATALOGUE.with_suffix(".mo").open("rb") as file:
        shipped = {str(message.id): message.string for message in read_mo(file) if message.id}
    compiled.seek(0)

    assert {str(message.id): message.string for message in read_mo(compiled) if message.id} == shipped
