"""Which text fits better; pure."""

from teahouse.chat.search.ranking import rank_of
from teahouse.chat.text.terms import query_of


def test_more_often_and_shorter_is_better() -> None:
    query = query_of("tea")
    ranks = [rank_of(text, query) for text in ("tea tea", "tea", "tea for two", "a " * 50 + "tea", "coffee")]

    assert sorted(ranks, reverse=True) == ranks
    assert 0 == ranks[-1]


def test_a_phrase_counts_where_its_words_stand_side_by_side() -> None:
    query = query_of('"green tea" ')

    assert rank_of("green tea", query) > 0
    assert 0 == rank_of("green or tea", query)


def test_the_beginning_of_the_last_word_counts() -> None:
    assert rank_of("the teahouse", query_of("tea")) > 0
    assert 0 == rank_of("the teahouse", query_of("tea "))


def test_pairs_of_characters_count_as_words() -> None:
    assert rank_of("开会开会", query_of("开会")) > rank_of("开会", query_of("开会 "))
