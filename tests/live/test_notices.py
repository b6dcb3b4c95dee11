"""`notice-push`: kept, pushed to every online page, found later by the others (row 8, vector 7)."""

from tests.live.server import Server


def test_a_notice_reaches_every_online_connection_and_stays_in_the_list(house: Server) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        answer = house.http(
            "POST", "/api/notices", json={"title": "系统维护", "content": "今晚 22:00"}, headers=house.bearer("admin")
        )
        assert 201 == answer.status_code
        notice = answer.json()
        heard = alice.next()

        assert heard == bob.next()
    assert "notice-push" == heard["frame_type"]
    assert (notice["id"], notice["push_id"], "系统维护", 1) == (
        heard["id"],
        heard["pushId"],
        heard["title"],
        heard["type"],
    )
    listed = house.http("GET", "/api/notices", headers=house.bearer("carol")).json()["results"]
    assert notice == listed[0]


def test_a_notice_pushed_again_has_a_new_push_id_and_is_listed_once(house: Server) -> None:
    admin = house.bearer("admin")
    notice = house.http("POST", "/api/notices", json={"title": "twice"}, headers=admin).json()
    with house.connect_as("alice") as alice:
        again = house.http("POST", f"/api/notices/{notice['id']}/push", headers=admin)
        assert 200 == again.status_code
        heard = alice.next()

        assert notice["id"] == heard["id"]
        assert notice["push_id"] < heard["pushId"] == again.json()["push_id"]
    listed = house.http("GET", "/api/notices", headers=admin).json()["results"]
    assert [again.json()["push_id"]] == [entry["push_id"] for entry in listed if entry["id"] == notice["id"]]


def test_only_an_admin_pushes(house: Server) -> None:
    with house.connect_as("bob") as bob:
        for headers, status in ((house.bearer("alice"), 403), ({}, 401)):
            answer = house.http("POST", "/api/notices", json={"title": "mine"}, headers=headers)

            assert status == answer.status_code
            assert "application/problem+json" == answer.headers["content-type"]
        bob.say("nothing before this")
        assert "nothing before this" == bob.next()["text"]


def test_nothing_old_is_pushed_on_connect(house: Server) -> None:
    house.http("POST", "/api/notices", json={"title": "old"}, headers=house.bearer("admin"))
    with house.connect_as("alice") as alice:
        alice.say("first")

        assert "first" == alice.next()["text"]


def test_the_admin_pages_publish_a_notice(own_house: Server) -> None:
    import httpx

    with own_house.connect_as("alice") as alice, httpx.Client(base_url=own_house.address) as browser:
        browser.get("/admin/login/")
        browser.post(
            "/admin/login/?next=/admin/",
            data={
                "username": "admin",
                "password": "admin-teahouse",
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            },
        )
        saved = browser.post(
            "/admin/chat/notice/add/",
            data={
                "title": "从后台来",
                "content": "",
                "type": "2",
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            },
        )
        assert saved.status_code == 302, saved.text
        heard = alice.next()
        assert (heard["title"], heard["type"]) == ("从后台来", 2)

        browser.post(
            "/admin/chat/notice/",
            data={
                "action": "push_again",
                "_selected_action": str(heard["id"]),
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            },
        )

        assert heard["pushId"] < alice.next()["pushId"]


def test_a_notice_of_another_process_is_found_by_comparing(own_house: Server) -> None:
    # Without Redis a management command reaches nobody; the server finds what it wrote within ten seconds.
    from tests.live.manage import manage

    with own_house.connect_as("alice") as alice:
        manage(
            own_house,
            "from teahouse.chat.services.notices import publish_notice\n"
            "publish_notice(author=User.objects.get(username='admin'), title='from a shell', content='')",
        )

        assert "from a shell" == alice.next(15)["title"]
