"""The menu of a message, in windows where there is hardly room for it."""

from playwright.sync_api import expect

from tests.browser.chat_tab import new_room, post, sign_in
from tests.browser.visitor import Visitors

# What is hit in the middle of each action, once it is scrolled to.
_HIDDEN = """menu => [...menu.querySelectorAll('[role=menuitem]')].filter(item => {
  item.scrollIntoView({ block: 'nearest' })
  const { x, y, width, height } = item.getBoundingClientRect()
  return !item.contains(document.elementFromPoint(x + width / 2, y + height / 2))
}).map(item => item.dataset.action)"""


def test_every_action_of_a_message_is_within_reach_in_a_low_window(people: Visitors) -> None:
    room = new_room(people.server, "alice", "menus", 3)
    post(people.server, "alice", room, *(f"message {number}" for number in range(12)))
    tab = sign_in(people.arrive(viewport={"width": 900, "height": 500}), "alice", f"/rooms/{room}")
    shown = tab.page.locator("article.message")
    expect(shown.last).to_contain_text("message 11")
    tab.has_settled()
    for article in (shown.nth(shown.count() - 1), shown.nth(shown.count() - 4), shown.nth(shown.count() - 7)):
        article.hover()
        button = article.locator(".menu-holder > button")
        button.click()
        menu = article.get_by_role("menu")
        expect(menu.locator("[data-action=remove]")).to_have_count(1)
        assert [] == menu.evaluate(_HIDDEN)
        tab.page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
