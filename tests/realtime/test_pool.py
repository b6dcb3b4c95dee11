"""Questions that one call answers for many."""

import asyncio
from collections.abc import Sequence

import pytest

from teahouse.realtime.pool import Pool, Questions


def test_a_wrong_number_of_answers_fails_those_who_asked_and_nobody_after_them() -> None:
    answers: list[list[str]] = [["too", "many"], ["one"]]

    def answer(questions: Sequence[str]) -> Sequence[str]:
        return answers.pop(0)

    async def test() -> None:
        pool = Pool(1)
        questions = Questions[str, str](pool, answer)
        with pytest.raises(ValueError, match="longer"):
            await questions.ask("first")
        assert "one" == await questions.ask("second")
        pool.stop()

    asyncio.run(asyncio.wait_for(test(), 10))
