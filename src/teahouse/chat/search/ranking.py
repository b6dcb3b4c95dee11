"""
How well a text fits a query: BM25 of Robertson and Zaragoza (2009, equation 3.15) without the rarity of the words, as
all of them have to be there. The same on every database, and for a message the same whatever else is written.
"""

from typing import Final

from teahouse.chat.text.terms import Query, index_text

# Of a text; what stands further behind counts for nothing.
MOST_CHARS: Final = 2_000

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.75
# Of a usual message, in tokens; fixed, so that a rank stays what it is.
_USUAL_TOKENS = 20


def rank_of(text: str, query: Query) -> float:
    """From 0, more is better; of at most five digits behind the point."""
    tokens = index_text(text[:MOST_CHARS]).split()
    # Each token has spaces of its own, so that the same one twice is found twice.
    joined = "".join(f" {token} " for token in tokens)
    length = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * len(tokens) / _USUAL_TOKENS)
    rank = 0.0
    for term in query.terms:
        wanted = "".join(f" {token} " for token in term.tokens)
        times = joined.count(wanted[:-1] if term.is_prefix else wanted)
        rank += times * (_SATURATION + 1) / (times + length)
    return round(rank, 5)
