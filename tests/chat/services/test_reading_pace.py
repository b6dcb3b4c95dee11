"""When a read position is told: the first at once, the rest once at the end of the second."""

import threading

from teahouse.chat.services.reading_pace import Place, ReadPace
from tests.chat.reading_times import Clock


def test_a_place_is_due_at_first_and_again_after_a_second() -> None:
    clock = Clock()
    pace = ReadPace(lambda _: None, clock=clock)
    assert pace.is_due((1, 1))
    pace.note_told((1, 1))
    clock.now += 0.999
    assert not pace.is_due((1, 1))
    assert pace.is_due((1, 2))
    clock.now += 0.001
    assert pace.is_due((1, 1))


def test_what_waits_is_told_once_in_the_order_of_its_end_by_a_thread_that_ends() -> None:
    told: list[Place] = []
    is_told = threading.Event()

    def tell(place: Place) -> None:
        told.append(place)
        if len(told) == 2:
            is_told.set()

    pace = ReadPace(tell)
    pace.note_told((2, 1))
    pace.tell_later((2, 1))
    pace.tell_later((1, 1))
    pace.tell_later((1, 1))

    assert is_told.wait(10)
    assert [(1, 1), (2, 1)] == told
    names = {thread.name: thread for thread in threading.enumerate()}
    if thread := names.get("teahouse-reads"):
        thread.join(10)
        assert not thread.is_alive()


def test_at_the_end_of_the_process_what_waits_is_told_at_once() -> None:
    told: list[Place] = []
    clock = Clock()
    pace = ReadPace(told.append, clock=clock)
    pace.note_told((1, 1))
    pace.tell_later((1, 1))
    assert [] == told
    pace.finish()
    pace.finish()

    assert [(1, 1)] == told
