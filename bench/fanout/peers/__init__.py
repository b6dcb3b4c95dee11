"""Teahouse and its peers, in the order of the table."""

from bench.fanout.peers import article, bare, centrifuge, nchan, node, python, teahouse
from bench.fanout.peers.base import Peer

ALL: list[Peer] = [
    *teahouse.PEERS,
    *bare.PEERS,
    *python.PEERS,
    *node.PEERS,
    *nchan.PEERS,
    *centrifuge.PEERS,
    *article.PEERS,
]
