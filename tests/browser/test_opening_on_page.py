"""A room that opens where one has not read yet, on a slow machine, while its person already does something else."""

from playwright.sync_api import expect

from tests.browser.chat_tab import new_room, post, sign_in
from tests.browser.visitor import Visitors

# How far the list was from its end in each frame of a second after it was there.
_DISTANCES = """async timeline => {
  const distance = () => timeline.scrollHeight - timeline.clientHeight - timeline.scrollTop
  const frame = () => new Promise(requestAnimationFrame)
  const found = []
  for (const end = performance.now() + 1500; performance.now() < end; await frame())
    found.push(distance())
  const first = found.findIndex(one => one <= 3)
  return first < 0 ? ['never'] : found.slice(first).filter(one => one > 100)
}"""


def test_who_writes_while_a_room_opens_stays_at_its_end(people: Visitors) -> None:
    room = new_room(people.server, "bob", "opening", 2)
    post(people.server, "bob", room, *(f"message {number} " + "long " * (number % 9) * 20 for number in range(55)))
    tab = sign_in(people.arrive(), "alice", "/rooms/1")
    tab.page.context.new_cdp_session(tab.page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    tab.room_link("opening").click()
    tab.timeline.get_by_test_id("row").first.wait_for()
    tab.say("already there")

    assert [] == tab.timeline.evaluate(_DISTANCES)
    expect(tab.message("already there")).to_be_in_viewport()
