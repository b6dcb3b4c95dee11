"""Ids of connections: UUIDs of version 4, of which no two are alike, not even in processes with one parent."""

import os
import uuid

from teahouse.realtime.native.client_ids import new_client_id


def test_they_are_uuids_and_no_two_are_alike() -> None:
    ids = {new_client_id() for _ in range(2_000)}

    assert 2_000 == len(ids)
    assert all(4 == uuid.UUID(one).version and one == str(uuid.UUID(one)) for one in ids)


def test_a_forked_child_does_not_repeat_its_parents() -> None:
    new_client_id()
    read_end, write_end = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.write(write_end, new_client_id().encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    with os.fdopen(read_end) as told:
        os.close(write_end)
        theirs = told.read()

    assert theirs
    assert theirs != new_client_id()
