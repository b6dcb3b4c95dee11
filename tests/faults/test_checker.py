"""The checker: what a right server does is no violation, and each way of being wrong is one of its own kind."""

import pathlib
import random

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.faults import record
from tests.faults.checker import judge
from tests.faults.model import Model
from tests.faults.mutations import MUTATIONS, Mutation
from tests.faults.record import Event, MembershipChanged

_DEVICES = st.integers(0, 5)
_STEPS = st.one_of(
    st.tuples(st.just("send"), _DEVICES, st.lists(st.booleans(), max_size=2)),
    st.tuples(st.just("refuse"), _DEVICES, st.none()),
    st.tuples(st.just("push"), _DEVICES, st.none()),
    st.tuples(st.just("push"), _DEVICES, st.none()),
    st.tuples(st.just("connect"), _DEVICES, st.booleans()),
    st.tuples(st.just("disconnect"), _DEVICES, st.none()),
    st.tuples(st.just("change"), _DEVICES, st.none()),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    model = Model()
    for device in model.devices:
        model.connect(device, recovers=True)
    for step, number, more in draw(st.lists(_STEPS, min_size=10, max_size=60)):
        device = model.devices[number]
        if step == "send":
            assert isinstance(more, list)
            model.send(device, losses=more)
        elif step == "refuse":
            model.refuse(device)
        elif step == "push":
            model.push(device)
        elif step == "connect":
            model.connect(device, recovers=bool(more))
        elif step == "disconnect":
            model.disconnect(device)
        else:
            model.change_membership(device.person)
    return model.end()


@given(histories())
def test_what_a_right_server_does_is_no_violation(events: list[Event]) -> None:
    assert [] == judge(events)


def _long_day(seed: int) -> list[Event]:
    """One with enough of everything for each mutation to find its place."""
    choice = random.Random(seed)
    model = Model()
    for device in model.devices:
        model.connect(device, recovers=True)
    for _ in range(120):
        device = choice.choice(model.devices)
        match choice.randrange(10):
            case 0 | 1 | 2:
                model.send(device, losses=[choice.random() < 0.5 for _ in range(choice.randrange(3))])
            case 3:
                model.refuse(device)
            case 4:
                model.connect(device, recovers=choice.random() < 0.5)
            case 5:
                model.disconnect(device)
            case 6 if choice.random() < 0.3:
                model.change_membership(device.person)
            case _:
                for _ in range(4):
                    model.push(device)
    return model.end()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@settings(suppress_health_check=[HealthCheck.filter_too_much], max_examples=40)
@given(seed=st.integers(0, 10**6))
def test_each_way_of_being_wrong_breaks_its_own_promise(mutation: Mutation, seed: int) -> None:
    mutated = mutation(_long_day(seed), random.Random(seed))
    assume(mutated is not None)
    assert mutated is not None

    assert MUTATIONS[mutation] in {violation.promise for violation in judge(mutated)}


def test_a_record_without_the_history_of_a_room_cannot_be_judged() -> None:
    events = [event for event in _long_day(1) if not isinstance(event, record.History)]

    with pytest.raises(ValueError, match="no history of room:1"):
        judge(events)


def test_another_body_under_a_key_that_is_taken_may_be_refused() -> None:
    model = Model()
    model.send(model.devices[0], losses=[])
    sent = next(event for event in model.events if isinstance(event, record.Sent))
    model.events.append(msgspec.structs.replace(sent, attempt=99, body="another", at=50))
    model.events.append(record.Answered(at=51, attempt=99, outcome=record.Refused(code=1009)))

    assert [] == judge(model.end())


def test_who_has_come_back_may_load_what_was_said_meanwhile() -> None:
    model = Model()
    writer, other = model.devices[0], model.devices[2]
    model.connect(other, recovers=True)
    model.change_membership(other.person)
    model.send(writer, losses=[])
    model.change_membership(other.person)

    assert [] == judge(model.end())
    # Had the room let them in a moment later only, it would have been too early.
    late = [
        msgspec.structs.replace(event, at=10**6) if isinstance(event, MembershipChanged) and event.offset else event
        for event in model.events
    ]
    assert {"P10"} == {violation.promise for violation in judge(late)}


def test_a_record_is_read_as_it_was_written(tmp_path: pathlib.Path) -> None:
    events = _long_day(2)
    path = tmp_path / "record.jsonl"
    record.write(path, events)

    assert events == list(record.read(path))
