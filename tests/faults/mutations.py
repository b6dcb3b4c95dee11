"""
One thing wrong with a record that was right, each under the promise that it breaks. Pure; a mutation that finds nothing
to change returns None. For the tests of the checker only.
"""

import random
from collections.abc import Callable

from tests.faults.index import Promise
from tests.faults.mutations_of_hearing import (
    heard_after_the_removal,
    heard_and_never_stored,
    heard_by_who_was_never_in,
    heard_with_another_body,
    not_recovered_and_not_loaded,
    one_push_less,
    one_push_twice,
    recovered_from_elsewhere,
    recovered_with_one_missing,
    the_last_is_never_heard,
    two_pushes_swapped,
)
from tests.faults.mutations_of_storing import (
    a_gap_in_the_offsets,
    a_head_that_is_ahead,
    a_number_given_twice,
    acknowledged_and_lost,
    acknowledged_before_but_numbered_behind,
    acknowledged_elsewhere,
    answered_twice_otherwise,
    numbers_against_offsets,
    refused_but_stored,
    stored_and_never_sent,
    stored_twice,
    stored_with_another_body,
)
from tests.faults.record import Event

Mutation = Callable[[list[Event], random.Random], list[Event] | None]

MUTATIONS: dict[Mutation, Promise] = {
    a_gap_in_the_offsets: "P1",
    a_number_given_twice: "P1",
    a_head_that_is_ahead: "P1",
    stored_and_never_sent: "P2",
    stored_with_another_body: "P2",
    stored_twice: "P3",
    refused_but_stored: "P4",
    acknowledged_elsewhere: "P5",
    acknowledged_and_lost: "P5",
    answered_twice_otherwise: "P5",
    numbers_against_offsets: "P6",
    acknowledged_before_but_numbered_behind: "P6",
    one_push_less: "P7",
    one_push_twice: "P7",
    two_pushes_swapped: "P7",
    heard_with_another_body: "P8",
    heard_and_never_stored: "P8",
    recovered_with_one_missing: "P9",
    recovered_from_elsewhere: "P9",
    not_recovered_and_not_loaded: "P9",
    the_last_is_never_heard: "P9",
    heard_by_who_was_never_in: "P10",
    heard_after_the_removal: "P10",
}
