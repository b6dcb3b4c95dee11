import os
import subprocess
import sys

import pytest

from teahouse.chat.text.pinyin import keys_of, matches


@pytest.mark.parametrize(
    ("name", "some"),
    [
        ("小明", {"小明", "xiaoming", "xm"}),
        ("曾国藩", {"zengguofan", "zgf"}),
        ("单田芳", {"shantianfang", "stf"}),
        ("解珍", {"xiezhen", "xz"}),
        ("重庆", {"chongqing", "zhongqing", "cq"}),
        ("吕布", {"lvbu", "lubu", "lb"}),
        ("小明A", {"小明a", "xiaominga", "xma"}),
        ("Ａlice", {"alice"}),
        ("", {""}),
    ],
)
def test_a_name_has_these_keys(name: str, some: set[str]) -> None:
    assert some <= set(keys_of(name))


def test_a_latin_name_has_one_key() -> None:
    assert ("alice smith",) == keys_of("Alice Smith")


def test_readings_are_bounded() -> None:
    assert len(keys_of("和和和和和和重重重重重重")) <= 40


@pytest.mark.parametrize(
    ("query", "name", "rank"),
    [
        ("alice", "Alice", 0),
        ("al", "Alice", 1),
        ("sm", "Alice Smith", 2),
        ("xiaom", "小明", 3),
        ("xiao m", "小明", 3),
        ("xm", "小明", 4),
        ("ming", "小明", 5),
        ("明", "小明", 6),
        ("lic", "Alice", 6),
        ("zq", "曾强", 4),
        ("iao", "小明", None),
        ("z", "Alice", None),
    ],
)
def test_how_well_a_name_fits(query: str, name: str, rank: int | None) -> None:
    assert rank == matches(query, name)


def test_the_dictionary_is_loaded_at_the_first_chinese_character_and_without_phrases() -> None:
    code = (
        "import sys, os\n"
        "from teahouse.chat.text import pinyin\n"
        "pinyin.keys_of('Alice'); assert 'pypinyin' not in sys.modules\n"
        "pinyin.keys_of('小明'); assert 'pypinyin.phrases_dict' not in sys.modules\n"
        "assert 'PYPINYIN_NO_PHRASES' not in os.environ\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYPINYIN")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
