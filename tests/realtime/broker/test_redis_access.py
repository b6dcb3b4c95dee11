"""How one is let in to Redis: TLS and whose, unix sockets, passwords, and users who may do no more than they need."""

import asyncio
import pathlib
import re
import time
from collections.abc import Iterator

import pytest

from teahouse.realtime.application import ClientInfo, Publication
from teahouse.realtime.broker.base import BrokerAway, Ended
from teahouse.realtime.broker.redis_connection import FAILURES, Finder, connected
from teahouse.realtime.broker.redis_topology import Place, topology_from
from teahouse.realtime.presence.redis import RedisPresence
from teahouse.realtime.presence.redis_once import present_once
from teahouse.realtime.store.base import Terms
from teahouse.realtime.store.redis import RedisStore, append_once
from tests.realtime.broker.ears import SEAL, listening, published, run, tell
from tests.realtime.broker.redis_servers import Cluster, Sentinel, Server, certificate
from tests.realtime.fakes import until
from tests.services import free_port, wait_until

NEWS = Publication(channel="news", data=b"x")
TERMS = Terms(size=9, seconds=60, idempotency_key="k", version=1)
PAGE = pathlib.Path(__file__).parents[3] / "docs" / "howto" / "redis.md"


async def carry_both_ways(url: str, prefix: str) -> None:
    async with listening(url, prefix) as (broker, ear):
        await broker.subscribe("room:1")
        await broker.carry(published(1))
        await tell(url, prefix, Ended(user="1"))
        await until(lambda: len(ear.hints) == 2)
        broker.unsubscribe("room:1")

        assert broker.is_up()


async def keep(url: str, prefix: str) -> None:
    store = RedisStore(url, prefix=prefix, seal=SEAL)
    await store.start()
    try:
        await store.append(NEWS, TERMS)
        append_once(url, prefix=prefix, seal=SEAL, publication=NEWS, terms=Terms(size=9, seconds=60))
        assert 2 == len((await store.page("news", after=0, limit=9)).publications)
        assert 1 == len((await store.page("news", after=2, limit=9, reverse=True)).publications)
        await store.remove("news")
        assert {2, 0} == {head.offset for head in (await store.heads(["news", "others"])).values()}
    finally:
        await store.stop()


async def meet(url: str, prefix: str) -> None:
    """Two processes see each other's people; one of them ends."""
    first, second = (RedisPresence(url, prefix=prefix, seal=SEAL) for _ in range(2))
    await first.start(node="first", publish=lambda _: None)
    await second.start(node="second", publish=lambda _: None)
    first.arrive("news", ClientInfo(user="1", client="a"))
    second.arrive("news", ClientInfo(user="2", client="b"))
    second.arrive("news", ClientInfo(user="2", client="c"))
    await until_present(first, "news", {"a", "b", "c"})
    second.depart("news", "c")
    await until_present(first, "news", {"a", "b"})
    assert {"a", "b"} == present_once(url, prefix=prefix, seal=SEAL, channel="news").keys()
    await second.stop()
    await until_present(first, "news", {"a"})
    assert (1, 1) == await first.stats("news")
    await first.stop()


async def until_present(presence: RedisPresence, channel: str, clients: set[str]) -> None:
    end = time.monotonic() + 10
    while (await presence.present(channel)).keys() != clients:
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def is_refused(url: str, prefix: str) -> None:
    with pytest.raises(FAILURES):
        await connect(url)
    with pytest.raises(BrokerAway):
        await tell(url, prefix, published(1))


async def connect(url: str) -> None:
    topology = topology_from(url)
    await Finder(topology).look()
    async with connected(topology, topology.place_of("a") or Place("nowhere", 1)):
        pass


async def is_never_up(url: str, prefix: str) -> None:
    async with listening(url, prefix) as (broker, _):
        with pytest.raises(BrokerAway):
            await broker.carry(published(1))
        assert not broker.is_up()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, pathlib.Path, pathlib.Path]]:
    """A URL with TLS, the certificate behind it and that of somebody else."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    key, ours = certificate(folder, "ours")
    _, others = certificate(folder, "others")
    server = Server(
        folder / "redis",
        *("--tls-port", str(port), "--tls-cert-file", str(ours), "--tls-key-file", str(key)),
        *("--tls-ca-cert-file", str(ours), "--tls-auth-clients", "no"),
    ).start()
    yield f"rediss://127.0.0.1:{port}/0", ours, others
    server.stop()


def test_tls_with_a_ca_of_ones_own(tls: tuple[str, pathlib.Path, pathlib.Path], prefix: str) -> None:
    url, ours, _ = tls

    run(carry_both_ways(f"{url}?ssl_ca_certs={ours}", prefix))
    run(keep(f"{url}?ssl_ca_certs={ours}", prefix))


def test_tls_of_somebody_else_is_refused(tls: tuple[str, pathlib.Path, pathlib.Path], prefix: str) -> None:
    url, _, others = tls

    run(is_refused(f"{url}?ssl_ca_certs={others}", prefix))
    run(is_refused(url, prefix))
    run(is_never_up(url, prefix))
    # Nor is a TLS port spoken to without.
    run(is_refused(url.replace("rediss", "redis"), prefix))


def test_a_unix_socket_and_another_database(tmp_path: pathlib.Path, prefix: str) -> None:
    server = Server(tmp_path, "--unixsocket", str(tmp_path / "redis.sock"), "--requirepass", "se:cr@t").start()
    try:
        run(carry_both_ways(f"unix://:se%3Acr%40t@{tmp_path}/redis.sock?db=3", prefix))
        run(keep(f"unix://:se%3Acr%40t@{tmp_path}/redis.sock?db=3", prefix))
        run(is_refused(f"unix://:wrong@{tmp_path}/redis.sock", prefix))
        run(is_refused(f"redis://127.0.0.1:{server.port}", prefix))
    finally:
        server.stop()


def acl(*parts: str) -> list[str]:
    """What the page about Redis says a user needs, `parts` by their names there."""
    text = PAGE.read_text()
    lines = [re.search(rf"^{part}: `(.+)`$", text, re.M) for part in ("All", *parts)]
    return [word for line in lines if line for word in line.group(1).replace("PASSWORD", "secret").split()]


def without_denials(server: Server) -> None:
    assert [] == server.ask("ACL", "LOG")


@pytest.mark.parametrize(
    ("query", "parts"),
    [pytest.param("", (), id="classic"), pytest.param("?sharded=1", ("Sharded",), id="sharded")],
)
def test_a_user_who_may_only_what_the_page_says_can_carry(own: Server, query: str, parts: tuple[str, ...]) -> None:
    own.ask("ACL", "SETUSER", *acl(*parts))

    run(carry_both_ways(f"redis://teahouse:secret@{own.address}{query}", "teahouse"))
    without_denials(own)


def test_a_user_who_may_only_what_the_page_says_can_keep(own: Server) -> None:
    own.ask("ACL", "SETUSER", *acl("Kept"))

    run(keep(f"redis://teahouse:secret@{own.address}", "teahouse"))
    without_denials(own)


def test_a_user_who_may_only_what_the_page_says_can_be_told_who_is_present(own: Server) -> None:
    own.ask("ACL", "SETUSER", *acl("Presence"))

    run(meet(f"redis://teahouse:secret@{own.address}", "teahouse"))
    without_denials(own)


def test_such_a_user_may_nothing_else(own: Server) -> None:
    own.ask("ACL", "SETUSER", *acl())

    run(is_refused(f"redis://teahouse:wrong@{own.address}", "teahouse"))
    run(is_never_up(f"redis://teahouse:secret@{own.address}", "another-site"))
    with pytest.raises(BrokerAway, match="refuses"):
        run(keep(f"redis://teahouse:secret@{own.address}", "teahouse"))


def test_in_a_cluster_such_a_user_may_carry_and_keep(cluster: Cluster) -> None:
    for node in cluster.nodes:
        node.ask("ACL", "SETUSER", *acl("Kept", "Sharded", "Cluster"))
        node.ask("ACL", "LOG", "RESET")

    for query in ("", "?sharded=1"):
        addresses = ",".join(node.address for node in cluster.nodes)
        run(carry_both_ways(f"redis+cluster://teahouse:secret@{addresses}{query}", "teahouse"))
    run(keep(f"redis+cluster://teahouse:secret@{cluster.nodes[0].address}", "teahouse"))
    for node in cluster.nodes:
        without_denials(node)
        node.ask("FLUSHALL")


def test_behind_a_sentinel_such_a_user_may_carry_and_keep(sentinel: tuple[Sentinel, Server, Server]) -> None:
    watch, master, _ = sentinel
    watch.start()
    wait_until(lambda: str(master.port) in str(watch.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "tea")))
    master.ask("ACL", "SETUSER", *acl("Kept", "Sentinel"))
    url = f"redis+sentinel://teahouse:secret@{watch.address}/tea"

    run(carry_both_ways(url, "teahouse"))
    run(keep(url, "teahouse"))
    without_denials(master)


def test_a_sentinel_has_a_password_of_its_own(sentinel: tuple[Sentinel, Server, Server], prefix: str) -> None:
    watch, master, _ = sentinel
    watch.start()
    wait_until(lambda: str(master.port) in str(watch.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "tea")))
    watch.ask("ACL", "SETUSER", "default", "resetpass", ">other")

    run(carry_both_ways(f"redis+sentinel://{watch.address}/tea?sentinel_password=other", prefix))
    run(is_refused(f"redis+sentinel://{watch.address}/tea", prefix))
