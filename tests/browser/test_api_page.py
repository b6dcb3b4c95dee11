"""The page that shows the HTTP API: Swagger UI under the content security policy of all pages."""

from playwright.sync_api import expect

from tests.browser.visitor import Visitors


def test_the_page_shows_the_api_and_asks_it_for_who_is_signed_in(people: Visitors) -> None:
    # Whatever the page does against the policy, or asks of another server, is a complaint that fails the test.
    visitor = people.arrive()
    visitor.sign_in("alice")
    page = visitor.open("/api/docs")

    expect(page.locator(".info .title")).to_contain_text("Teahouse")
    operation = page.locator("#operations-rooms-roomCreate")
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill('{"client_key": "from-the-page", "kind": "public", "name": "Oolong"}')
    with page.expect_response("**/api/rooms") as answered:
        operation.get_by_role("button", name="Execute").click()

    assert 201 == answered.value.status
    expect(operation.locator(".live-responses-table .response .response-col_status")).to_have_text("201")
