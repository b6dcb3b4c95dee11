"""Which pages may open streams and send beside them, and read what is answered."""

import pytest

from tests.live.server import Server
from tests.live.streams import emulation, stream_as


@pytest.mark.parametrize("path", ["/connection/http_stream", "/connection/sse", "/emulation"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "", "nonsense"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_pages_of_others_are_refused(fast_native_house: Server, path: str, origin: str, method: str) -> None:
    answer = fast_native_house.http(method, path, headers={"Origin": origin}, content=b"{}")

    assert 403 == answer.status_code
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/connection/http_stream", "/connection/sse", "/emulation"])
def test_a_preflight_of_an_allowed_page_is_answered(fast_native_house: Server, path: str) -> None:
    # As the page of a development server on this machine.
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = fast_native_house.http("OPTIONS", path, headers=asked)

    assert 204 == answer.status_code
    assert "http://localhost:5173" == answer.headers["access-control-allow-origin"]
    assert "true" == answer.headers["access-control-allow-credentials"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"]
    assert "300" == answer.headers["access-control-max-age"]
    assert "origin" == answer.headers["vary"]


def test_an_allowed_page_may_read_what_is_answered(fast_native_house: Server) -> None:
    page = {"Origin": fast_native_house.address}
    with stream_as(fast_native_house, headers=page) as alice:
        assert fast_native_house.address == alice.response.headers["access-control-allow-origin"]
        options = emulation("{}", session=alice.session, node=alice.node) | {"headers": page}
        taken = fast_native_house.http("POST", "/emulation", **options)
        refused = fast_native_house.http("POST", "/emulation", headers=page, content=b"{}")

    assert (204, 404) == (taken.status_code, refused.status_code)
    for answer in (taken, refused):
        assert fast_native_house.address == answer.headers["access-control-allow-origin"]


def test_a_strangers_name_that_leads_here_is_refused(fast_native_house: Server) -> None:
    # A page of that name would be of the same origin, and a GET of its own origin names none.
    answer = fast_native_house.http("GET", "/connection/sse", headers={"Host": "evil.example"})

    assert 400 == answer.status_code
