"""How the chat's page looks and is operated, on every view: sizes, names, language, contrast, motion, paper."""

import functools
import io
import pathlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import PIL.Image
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.chat_tab import PHONE, ChatTab, new_room, post, sign_in
from tests.browser.visitor import Visitors
from tests.live.server import Server
from tests.services import wait_until

BOB, CAROL = 3, 4
_AXE = pathlib.Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"
_CHINESE = re.compile("[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]")

# Every view, and what stands in it before it is looked at.
VIEWS = {
    "/": "[data-testid=room-list]",
    "/rooms/{room}": "[data-testid=message] [data-testid=picture]",
    "/rooms/{room}?pane=members": "[data-testid=members-pane] [data-testid=member]",
    "/rooms/{room}?pane=files": "[data-testid=room-file]",
    "/rooms/{room}?pane=pins": "[data-testid=pins] [data-testid=message-card]",
    "/rooms/{room}?pane=settings": "[data-testid=pane] [data-testid=leave]",
    "/rooms/{room}?thread={thread}": "[data-testid=pane] [data-testid=message] >> nth=1",
    "/browse": "[data-testid=public-room]",
    "/threads": "[data-testid=message-card]",
    "/saved": "[data-testid=message-card]",
    "/notices": "[data-testid=notice]",
    "/search?q=kettle": "[data-testid=search-result]",
    "/search?q=zzzznothing": "[data-testid=search-help]",
    "/settings": "[data-testid=settings]",
}

# Everything that one can press, by its own box or that of the label around a tick. Links in a text are none.
_TARGETS = """() => {
  const isShown = one => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    one.getBoundingClientRect().width > 1 && one.closest('.unseen') === null
  const top = document.querySelector('dialog[open]') ?? document
  return [...top.querySelectorAll('a[href], button, input, select, textarea, [role=button], [role=menuitem]')]
    .map(one => one.matches('[type=checkbox], [type=radio]') ? one.closest('label') ?? one : one)
    .filter(one => isShown(one) && one.closest('.text') === null)
    .map(one => ({ box: one.getBoundingClientRect(), html: one.outerHTML.slice(0, 160) }))
    .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
    .map(({ box, html }) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${html}`)
}"""
_TOO_WIDE = """() => [
  ...document.documentElement.scrollWidth > innerWidth ? ['the page'] : [],
  ...[...document.querySelectorAll('dialog, main, aside, nav, section, .scroller, .pane-body, .list-body')]
    .filter(one => one.checkVisibility() && one.closest('.unseen') === null && one.scrollWidth > one.clientWidth + 1)
    .map(one => `${one.className}: ${one.scrollWidth} in ${one.clientWidth}`),
]"""
_NAMELESS = """() => [
  ...document.querySelectorAll('button, a[href], input, select, textarea, [role=button], [role=img]')
]
  .filter(one => one.checkVisibility() && one.closest('[aria-hidden=true]') === null)
  .filter(one => {
    const labelled = (one.getAttribute('aria-labelledby') ?? '').split(' ')
      .map(id => document.getElementById(id)?.textContent ?? '').join('')
    const own = one.matches('input, select, textarea')
      ? [...one.labels ?? []].map(label => label.innerText).join('')
      : one.innerText.replace(/[^\\p{L}\\p{N}]/gu, '')
    return [one.getAttribute('aria-label') ?? '', labelled, own].every(name => name.trim() === '')
  })
  .map(one => one.outerHTML.slice(0, 160))"""


class Place:
    """A house with something in each view of alice's, all of it in English."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.room = new_room(server, "alice", "Kitchen", BOB, CAROL, topic="Tea and cake", kind="public")
        picture = self.upload("tea.png", _picture())
        first, code, _ = (
            post(server, "alice", self.room, "The **kettle** is on, see https://example.com/tea")[0],
            post(server, "alice", self.room, "```python\nprint('tea')\n```")[0],
            post(server, "alice", self.room, "", files=[picture, self.upload("tea.txt", b"green")])[0],
        )
        self.thread = first["id"]
        post(server, "bob", self.room, "@alice which tea?", reply_to=first["id"])
        post(server, "bob", self.room, "Green, please", thread=first["id"])
        post(server, "alice", self.room, "Well", thread=first["id"])
        self.ask("bob", "PUT", f"messages/{code['id']}/reactions/👍")
        self.ask("alice", "PUT", f"messages/{code['id']}/pin")
        self.ask("alice", "PUT", f"me/saved/{code['id']}")
        self.ask(
            "admin", "POST", "notices/publish", client_key="n", title="Closed on Monday", content="Back on Tuesday."
        )
        self.ask("alice", "POST", "rooms/direct", people=[BOB])

    def ask(self, who: str, method: str, path: str, **body: Any) -> Any:
        answer = self.server.http(method, f"/api/{path}", json=body, headers=self.server.bearer(who))
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json() if answer.content else None

    def upload(self, name: str, content: bytes) -> int:
        answer = self.server.http(
            "POST",
            f"/api/rooms/{self.room}/files",
            params={"client_key": name, "name": name},
            content=content,
            headers={**self.server.bearer("alice"), "Content-Type": "application/octet-stream"},
        )
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])


def _picture(width: int = 640, height: int = 480) -> bytes:
    content = io.BytesIO()
    PIL.Image.new("RGB", (width, height), (90, 140, 80)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def place(quiet_house: Server) -> Place:
    return Place(quiet_house)


@pytest.fixture(scope="module")
def cookies() -> dict[str, StorageState]:
    return {}


Walk = Callable[..., ChatTab]


@pytest.fixture
def walk(browser: Browser, place: Place, cookies: dict[str, StorageState]) -> Iterator[Walk]:
    """Goes through all views of alice's and calls `look` with each address; the tab, for more."""
    visitors = Visitors(browser, place.server)

    def arrive(look: Callable[[Page, str], None] | None = None, *, who: str = "alice", **options: Any) -> ChatTab:
        if who not in cookies:
            tab = sign_in(visitors.arrive(), who)
            cookies[who] = tab.visitor.context.storage_state()
        visitor = visitors.arrive(storage_state=cookies[who], reduced_motion="reduce", **options)
        tab = ChatTab(visitor, visitor.open("/")).opened()
        for path, ready in VIEWS.items() if look is not None else ():
            tab.page.goto(path.format(room=place.room, thread=place.thread))
            # At phone width what is beside a room covers it.
            expect(tab.page.locator(ready).first).to_be_visible()
            look(tab.page, path)
        return tab

    yield arrive
    visitors.leave()


def _note(faults: dict[str, list[str]], path: str, found: list[str]) -> None:
    if found:
        faults[path] = found


def has_none(faults: dict[str, list[str]]) -> None:
    assert not faults, "\n".join(f"{path}: {one}" for path, found in faults.items() for one in found)


@pytest.mark.pages
def test_a6_on_a_phone_every_target_is_44_pixels_on_every_view(walk: Walk) -> None:
    faults: dict[str, list[str]] = {}
    tab = walk(lambda page, path: _note(faults, path, page.evaluate(_TARGETS)), **PHONE)
    for name in _menus_and_dialogs(tab):
        _note(faults, name, tab.page.evaluate(_TARGETS))
    has_none(faults)


def _menus_and_dialogs(tab: ChatTab) -> Iterator[str]:
    """Opens what is over the views, one after the other, on a phone."""
    page = tab.page
    page.goto("/")
    page.get_by_role("button", name="Menu", exact=True).click()
    yield "the menu"
    page.keyboard.press("Escape")
    page.get_by_test_id("find").click()
    expect(page.get_by_test_id("hit").first).to_be_visible()
    yield "the palette"
    page.keyboard.press("Escape")
    for name in ("new-room", "new-talk"):
        page.get_by_test_id(name).click()
        expect(page.get_by_test_id("pick").first).to_be_visible()
        yield name
        page.keyboard.press("Escape")
    tab.room_link("Kitchen").click()
    menu = page.get_by_test_id("room-menu")
    menu.get_by_role("button").click()
    yield "the room's menu"
    menu.locator("[data-action=invite-people]").click()
    expect(page.get_by_test_id("invite-form")).to_be_visible()
    yield "invite"
    page.keyboard.press("Escape")
    menu.get_by_role("button").click()
    menu.locator("[data-action=search-in-room]").click()
    expect(page.get_by_test_id("room-search")).to_be_visible()
    yield "the search in a room"
    page.get_by_test_id("room-search").get_by_role("button", name="Close").click()
    message = tab.message("which tea?").last
    message.locator(".author").tap()
    yield "a message that was tapped"
    message.get_by_role("button", name="More", exact=True).click()
    yield "the menu of a message"


@pytest.mark.pages
@pytest.mark.parametrize("width", [360, 390, 640])
def test_a6_nothing_scrolls_sideways_on_any_view(walk: Walk, width: int) -> None:
    faults: dict[str, list[str]] = {}
    options = {**PHONE, "viewport": {"width": width, "height": 844}}
    tab = walk(lambda page, path: _note(faults, path, page.evaluate(_TOO_WIDE)), **options)
    for name in _menus_and_dialogs(tab):
        _note(faults, name, tab.page.evaluate(_TOO_WIDE))
    has_none(faults)


@pytest.mark.pages
def test_a6_the_head_of_a_room_leaves_its_name_a_place_on_a_phone(walk: Walk, place: Place) -> None:
    tab = walk(**PHONE).go_to(place.room)
    title = tab.page.locator(".room-title").bounding_box()
    assert title is not None
    assert title["width"] >= 240
    expect(tab.page.locator(".room-head button")).to_have_count(1)
    menu = tab.page.get_by_test_id("room-menu")
    menu.get_by_role("button").tap()
    menu.locator("[data-action=members]").tap()
    expect(tab.page.get_by_test_id("members-pane")).to_be_visible()


@pytest.mark.pages
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a7_axe_finds_nothing_on_any_view(walk: Walk, scheme: str, size: str) -> None:
    faults: dict[str, list[str]] = {}

    def look(page: Page, path: str) -> None:
        page.evaluate(_AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        _note(faults, path, [f"{one['id']} {one['impact']}: {one['nodes'][0]['html'][:200]}" for one in found])

    walk(look, color_scheme=scheme, **(PHONE if size == "phone" else {}))
    has_none(faults)


@pytest.mark.pages
def test_a8_everything_that_can_be_pressed_has_a_name(walk: Walk) -> None:
    faults: dict[str, list[str]] = {}
    walk(lambda page, path: _note(faults, path, page.evaluate(_NAMELESS)))
    has_none(faults)


@pytest.mark.pages
def test_a9_there_is_no_chinese_on_any_view_in_english(walk: Walk) -> None:
    faults: dict[str, list[str]] = {}

    def look(page: Page, path: str) -> None:
        expect(page.locator("html")).to_have_attribute("lang", "en")
        # Names of languages stand in their own.
        said = page.evaluate(
            """() => {
              const copy = document.body.cloneNode(true)
              copy.querySelectorAll('script, style, noscript, [lang^=zh]').forEach(one => one.remove())
              const names = ['aria-label', 'title', 'placeholder', 'alt', 'data-full']
              return [copy.textContent, ...[...copy.querySelectorAll('*')].flatMap(
                one => names.map(name => one.getAttribute(name) ?? ''))].filter(text => text !== '')
            }"""
        )
        _note(faults, path, [text for text in said if _CHINESE.search(text)])

    walk(look, locale="en-US")
    has_none(faults)


@pytest.mark.pages
def test_a9_the_page_says_its_language_and_writes_days_in_it(walk: Walk, place: Place) -> None:
    chinese = walk(locale="zh-CN").go_to(place.room)
    expect(chinese.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(chinese.message("which tea?").last).to_have_attribute("aria-label", re.compile(r"Bob，\d{4}年\d+月\d+日"))
    english = walk(locale="en-US").go_to(place.room)
    expect(english.message("which tea?").last).to_have_attribute(
        "aria-label", re.compile(r"Bob, \w+day, \w+ \d+, \d{4}")
    )
    assert chinese.page.title().endswith("茶馆")


@pytest.mark.pages
def test_a7_at_200_percent_one_reads_and_writes(walk: Walk, place: Place) -> None:
    """A screen of 1280 × 800 enlarged to 200 % is one of 640 × 400 with twice the pixels."""
    faults: dict[str, list[str]] = {}
    zoomed: dict[str, Any] = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
    tab = walk(lambda page, path: _note(faults, path, page.evaluate(_TOO_WIDE)), **zoomed)
    has_none(faults)
    tab.go_to(place.room)
    view = tab.timeline.bounding_box()
    assert view is not None
    assert view["height"] >= 120
    text = f"At twice the size {time.monotonic_ns()}"
    tab.say(text)
    expect(tab.message(text)).to_be_in_viewport(ratio=0.9)
    expect(tab.box).to_be_in_viewport(ratio=0.9)
    menu = tab.page.get_by_test_id("room-menu")
    menu.get_by_role("button").click()
    for item in menu.get_by_role("menuitem").all():
        item.scroll_into_view_if_needed()
        expect(item).to_be_in_viewport()
    menu.locator("[data-action=invite-people]").click()
    submit = tab.page.get_by_test_id("invite-form").locator("[type=submit]")
    submit.scroll_into_view_if_needed()
    expect(submit).to_be_in_viewport()
    submit.click()
    expect(tab.page.get_by_test_id("fresh-link")).to_be_visible()


@pytest.mark.pages
def test_a7_with_reduced_motion_nothing_moves(walk: Walk) -> None:
    moving: dict[str, list[str]] = {}
    still = """() => [...document.querySelectorAll('*')].filter(one => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one)
      return transitionDuration.split(', ').some(time => parseFloat(time) > 0) || animationName !== 'none' ||
        scrollBehavior === 'smooth'
    }).map(one => one.outerHTML.slice(0, 120))"""
    tab = walk(lambda page, path: _note(moving, path, page.evaluate(still)))
    assert moving == {}
    # The same looks find motion where it is not reduced.
    tab.page.emulate_media(reduced_motion="no-preference")
    tab.page.goto("/browse")
    expect(tab.page.get_by_test_id("public-room").first).to_be_visible()
    assert tab.page.evaluate(still) != []


@pytest.mark.pages
def test_a7_with_forced_colours_states_are_seen_without_colour(walk: Walk, place: Place) -> None:
    tab = walk(forced_colors="active").go_to(place.room)
    edge = "one => { const style = getComputedStyle(one); return style.borderTopStyle + style.borderTopWidth }"
    assert tab.page.get_by_test_id("members").evaluate(edge) == "solid1px"
    current = tab.page.locator("[data-testid=room-link][aria-current=page]")
    assert current.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    dots = tab.page.locator(".presence")
    filled = "one => getComputedStyle(one).backgroundColor"
    here = tab.message("kettle").locator(".presence").first.evaluate(filled)
    away = tab.message("which tea?").last.locator(".presence").first.evaluate(filled)
    assert here != away
    expect(dots.first).to_have_attribute("role", "img")
    wait_until(lambda: tab.page.evaluate("document.fonts.status") == "loaded", what="the fonts")


@pytest.mark.pages
def test_a7_a_room_prints_its_messages_and_nothing_of_the_page(
    walk: Walk, place: Place, tmp_path: pathlib.Path
) -> None:
    long = new_room(place.server, "alice", "Long")
    post(place.server, "alice", long, *(f"line {number}" for number in range(55)))
    tab = walk(color_scheme="dark").go_to(long)
    expect(tab.message("line 54")).to_be_visible()
    drawn = functools.partial(lambda: [text for text in tab.texts() if text.startswith("line ")])
    assert len(drawn()) < 55
    tab.page.emulate_media(media="print")
    wait_until(lambda: drawn() == [f"line {number}" for number in range(55)], what="all rows")
    for hidden in (".rooms-side", ".composer-form", ".room-head button", "[data-testid=to-end]", ".tools"):
        expect(tab.page.locator(hidden).first).to_be_hidden()
    ink, tops = tab.page.evaluate(
        """() => [
          getComputedStyle(document.querySelector('.text')).color,
          [...document.querySelectorAll('[data-testid=message]')].map(one => one.getBoundingClientRect().top),
        ]"""
    )
    assert sum(int(part) for part in re.findall(r"\d+", ink)[:3]) < 200
    assert tops == sorted(set(tops))
    assert tab.page.evaluate("document.documentElement.scrollHeight") > 55 * 20
    tab.page.emulate_media(media="null")
    wait_until(lambda: len(drawn()) < 55, what="the rows in view alone")
    # Where nobody told of the medium before: more than a page of paper.
    paper = tab.page.pdf(path=tmp_path / "room.pdf")
    assert paper.count(b"/Type /Page\n") >= 2
