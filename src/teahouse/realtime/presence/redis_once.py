"""Who is present, from a process without an engine: no loop, no writing, nothing removed."""

import redis

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import BrokerAway, Seal
from teahouse.realtime.broker.redis_once import ask_once
from teahouse.realtime.broker.redis_topology import topology_from
from teahouse.realtime.presence.records import Records, field_from


def present_once(url: str, *, prefix: str, seal: Seal, channel: str) -> dict[str, ClientInfo]:
    """
    The connections of every process, by client.

    Raises:
        BrokerAway: within four seconds, two for each of the two commands.
    """
    topology, records = topology_from(url), Records(prefix=prefix, seal=seal)
    key = records.channel_key(channel)
    try:
        found = ask_once(topology, key, "HGETALL", key)
        entries = [
            (encoded, field, value)
            for encoded, value in zip(found[::2], found[1::2], strict=True)
            if (field := field_from(encoded)) is not None
        ]
        nodes = sorted({field.node for _, field, _ in entries})
        if not nodes:
            return {}
        keys = [records.lease_key(node) for node in nodes]
        values = ask_once(topology, keys[0], "MGET", *keys)
    except redis.RedisError as error:
        raise BrokerAway(str(error)) from error
    wholes = {node: records.open_lease(node, value) or 0 for node, value in zip(nodes, values, strict=True)}
    present = {}
    for encoded, field, value in entries:
        if 0 < wholes[field.node] <= field.life:
            info = records.open_info(channel, encoded, field.client, value)
            if info is not None:
                present[field.client] = info
    return present
