"""The shipped nginx configuration, in a real nginx in front of a real gunicorn (row 12)."""

import contextlib
import pathlib
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator

import pytest

from tests.live.client import Client
from tests.live.native import connection_token
from tests.live.server import Server, running
from tests.live.streams import KINDS, Stream
from tests.services import free_port, new_database, nginx_binary, process, wait_until

_ROOT = pathlib.Path(__file__).parents[2]
_SHIPPED = _ROOT / "deploy" / "nginx"


class Front:
    def __init__(self, folder: pathlib.Path, house: Server) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.house = house

    @property
    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def connect(self, token: str, **options: object) -> Client:
        return Client(f"ws://127.0.0.1:{self.port}/infra/ws?token={token}", **options)


@contextlib.contextmanager
def _nginx(folder: pathlib.Path, house: Server) -> Iterator[Front]:
    """The files as shipped; only ports, paths of logs and the certificate are this test's own."""
    front = Front(folder, house)
    shutil.copy(_SHIPPED / "teahouse-locations.conf", folder / "teahouse-locations.conf")
    for name in ("teahouse.conf", "teahouse-tls.conf", "teahouse-locations.conf"):
        text = (_SHIPPED / name).read_text()
        for shipped, ours in (
            ("127.0.0.1:8000", f"127.0.0.1:{house.port}"),
            ("listen 80;", f"listen 127.0.0.1:{front.port};"),
            ("listen [::]:80;", ""),
            ("listen 443 ssl;", f"listen 127.0.0.1:{front.tls_port} ssl;"),
            ("listen [::]:443 ssl;", ""),
            ("/var/log/nginx/", f"{folder}/"),
            ("/etc/letsencrypt/live/chat.example/fullchain.pem", f"{folder}/cert.pem"),
            ("/etc/letsencrypt/live/chat.example/privkey.pem", f"{folder}/key.pem"),
        ):
            text = text.replace(shipped, ours)
        (folder / name).write_text(text)
    names = "subjectAltName=DNS:chat.example,IP:127.0.0.1"
    files = ["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=chat.example"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, "-addext", names],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    (folder / "nginx.conf").write_text(
        f"worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log info;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\n"
        + "".join(
            f"  {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + "  include teahouse.conf;\n  include teahouse-tls.conf;\n}\n"
    )
    command = [nginx_binary(), "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with process(*command):
        import httpx

        def is_served() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"http://127.0.0.1:{front.port}/healthz").status_code == 200
            return False

        wait_until(is_served, what="nginx")
        yield front


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, postgres_server: str, redis_url: str) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    run = str(_ROOT / "deploy" / "gunicorn" / "run.sh")
    with new_database(postgres_server) as database_url:
        environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TEAHOUSE_REDIS_PREFIX": folder.name,
            "TEAHOUSE_PUBLIC_URL": "https://chat.example",
        }
        with running(folder / "data", **environment) as alone:
            alone.stop()
        command = (run, "--workers", "2", "--bind", "127.0.0.1:{port}")
        with running(folder / "data", *command, **environment) as house, _nginx(folder, house) as front:
            yield front


def test_people_chat_through_nginx_and_two_workers_of_gunicorn(front: Front) -> None:
    alice_token, bob_token = (front.house.tokens(name)["refresh"] for name in ("alice", "bob"))
    # Enough connections that both workers have some.
    devices = [front.connect(bob_token) for _ in range(12)]
    with front.connect(alice_token) as alice:
        alice.ping()
        alice.say("经过 nginx")
        assert ["经过 nginx"] * 13 == [client.next()["text"] for client in (alice, *devices)]
        alice.say("单发", 3)
        assert [True] * 12 == [device.next()["single"] for device in devices]
    for device in devices:
        device.close()


def test_nginx_waits_longer_than_the_heartbeat_takes(front: Front) -> None:
    from teahouse.realtime.conf import Conf

    shipped = (_SHIPPED / "teahouse-locations.conf").read_text()
    sockets = shipped[shipped.index("^/(infra/ws") :]
    found = re.search(r"proxy_read_timeout (\d+)s", sockets)
    conf = Conf(application="", key="k" * 32)

    assert found
    assert int(found[1]) > 2 * (conf.ping_interval_seconds + conf.ping_timeout_seconds)


def test_close_codes_pass_through(front: Front) -> None:
    with front.connect("garbage") as nobody:
        assert 4003 == nobody.closed()


def test_pages_and_the_api_pass_through(front: Front) -> None:
    import httpx

    with httpx.Client(base_url=f"http://127.0.0.1:{front.port}") as browser:
        assert 302 == browser.get("/").status_code
        assert 401 == browser.get("/api/users").status_code
        assert 404 == browser.get("/metrics").status_code
        assert 200 == browser.get("/static/admin/css/base.css").status_code
        assert 413 == browser.post("/api/auth/token", content=b"x" * 1_100_000).status_code


def test_who_tries_many_passwords_is_slowed_down_and_nobody_else_is(front: Front) -> None:
    import httpx

    with httpx.Client(base_url=f"http://127.0.0.1:{front.port}", headers={"Host": "chat.example"}, timeout=20) as guest:
        for path, status in ("/api/auth/token", 400), ("/api/join", 403), ("/admin/login/", 403):
            # Refused by Teahouse itself, without a look at a password, until nginx refuses.
            statuses = [guest.post(path).status_code]
            while statuses[-1] != 429 and len(statuses) < 1_000:
                statuses.append(guest.post(path).status_code)

            assert 429 == statuses.pop()
            assert {status} == set(statuses)
            assert 200 == guest.get("/api/auth/session").status_code
            assert {401} == {guest.post("/api/auth/access-token").status_code for _ in range(60)}
            assert 200 == guest.get("/healthz").status_code


def test_the_files_say_what_teahouse_has_to_know() -> None:
    head = (_SHIPPED / "teahouse.conf").read_text().partition("map ")[0]

    assert "TEAHOUSE_PUBLIC_URL" in head
    assert "TEAHOUSE_ALLOWED_HOSTS" in head


def test_what_a_client_says_of_forwarding_is_overwritten(front: Front) -> None:
    import httpx

    # From beyond the proxy nobody is "on this machine", whatever they claim.
    for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
        setup = httpx.get(f"http://127.0.0.1:{front.port}/api/setup", headers={**headers, "Host": "chat.example"})
        assert setup.json()["code_required"] is True


def test_a_page_behind_tls_may_open_its_socket(front: Front) -> None:
    trust = ssl.create_default_context(cafile=str(front.folder / "cert.pem"))
    token = front.house.tokens("alice")["refresh"]
    url = f"wss://127.0.0.1:{front.tls_port}/infra/ws?token={token}"
    with Client(url, ssl=trust, origin="https://chat.example") as alice:
        alice.say("encrypted")

        assert "encrypted" == alice.next()["text"]


@pytest.mark.parametrize("kind", KINDS)
def test_streams_pass_through_at_once_and_what_their_clients_send_reaches_any_worker(front: Front, kind: str) -> None:
    token = connection_token(front.house, user="2")
    for _ in range(6):
        with Stream(f"http://127.0.0.1:{front.port}", kind, token=token) as alice:
            alice.begin()
            assert "error" in alice.ask("rpc", method="nothing")
    assert token.split(".")[2] not in front.logs


def test_no_log_of_nginx_or_gunicorn_has_the_secret_of_an_invite_link_even_when_the_server_is_away(
    front: Front,
) -> None:
    import httpx

    address, secret = f"http://127.0.0.1:{front.port}/invite/", "0a" * 20
    assert "no-referrer" == httpx.get(address + secret).headers["Referrer-Policy"]
    front.house.stop()
    assert 502 == httpx.get(address + secret).status_code
    front.house.start()

    assert secret not in front.logs + front.house.log


def test_no_log_of_nginx_or_gunicorn_keeps_a_token_even_when_the_server_is_away(front: Front) -> None:
    from websockets.exceptions import InvalidStatus

    token = front.house.tokens("alice")["refresh"]
    with front.connect(token) as alice:
        alice.ping()
    front.house.stop()
    with pytest.raises(InvalidStatus):
        front.connect(token)
    front.house.start()

    assert "/infra/ws" in front.logs
    for log in (front.logs, front.house.log):
        assert token.split(".")[1] not in log
        assert token.split(".")[2] not in log
