"""Visitors with a browser of their own each, and the classic page in their words: say, push_notice, message."""

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    StorageState,
    WebError,
    expect,
)

from tests.live.server import Server

PHONE: Mapping[str, Any] = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}

# A JSON Web Token begins with the base64 of `{"`.
TOKEN = re.compile(r"eyJ[\w-]{8,}")

_TELL_VIOLATIONS = """
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
    console.error(`against the content security policy: ${effectiveDirective} ${blockedURI}`))
"""


class Visitor:
    """One browser context. It remembers what the browser complained about, in all of its tabs."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        self.server = server
        # Everything that the consoles said, errors or not.
        self.console: list[str] = []
        self._complaints: list[str] = []
        # A ping of VueUse's may meet a socket whose end has begun, and a page may be left while it connects; nothing
        # comes of either.
        self._expected: list[str] = [
            "WebSocket is already in CLOSING or CLOSED state",
            "WebSocket is closed before the connection is established",
        ]
        self.context: BrowserContext = browser.new_context(base_url=server.address, **options)
        self.context.add_init_script(_TELL_VIOLATIONS)
        self.context.on("console", self._heard)
        self.context.on("weberror", self._failed)

    def expects(self, pattern: str) -> None:
        """What the browser complains about in these words is part of the test."""
        self._expected.append(pattern)

    def open(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page

    def sign_in(self, name: str, password: str | None = None) -> "ClassicTab":
        """Through the sign-in page, to the classic page with its connection open."""
        page = self.open("/sign-in?next=/classic")
        fill(page, username=name, password=password or f"{name}-teahouse")
        page.keyboard.press("Enter")
        return ClassicTab(self, page).opened()

    def leave(self) -> None:
        """Close everything. Raises AssertionError when the browser complained unexpectedly, or wrote a token."""
        self.context.close()
        complaints = [text for text in self._complaints if not self._is_expected(text)]
        assert not complaints, "\n".join(complaints)
        leaks = [text for text in self.console if TOKEN.search(text) and not self._is_expected(text)]
        assert not leaks, "\n".join(leaks)

    def _is_expected(self, text: str) -> bool:
        return any(re.search(pattern, text) for pattern in self._expected)

    def _heard(self, message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location['url']})"
        self.console.append(text)
        if message.type in ("error", "warning"):
            self._complaints.append(text)

    def _failed(self, error: WebError) -> None:
        self._complaints.append(f"uncaught: {error.error}")


class ClassicTab:
    """A tab that shows the classic page."""

    def __init__(self, visitor: Visitor, page: Page) -> None:
        self.visitor = visitor
        self.page = page
        self.status = page.get_by_test_id("connection-status")
        self.toggle = page.get_by_test_id("toggle-connection")
        self.field = page.get_by_test_id("message-input")
        self.receiver = page.get_by_test_id("receiver-select")
        self.send_button = page.get_by_test_id("send")
        # The texts of what was said to everyone, newest first.
        self.broadcasts = page.locator("[data-testid=message][data-kind=broadcast] .text")
        # What was said to this person only.
        self.directs = page.locator("[data-testid=message][data-kind=single] .text")

    def another(self) -> "ClassicTab":
        """One more tab of the same browser."""
        return ClassicTab(self.visitor, self.visitor.open("/classic")).opened()

    def opened(self) -> "ClassicTab":
        # After a loss it may wait 12.5 s before it tries again.
        expect(self.status).to_have_attribute("data-state", "open", timeout=30_000)
        return self

    def has_state(self, state: str) -> None:
        expect(self.status).to_have_attribute("data-state", state)

    def say(self, text: str, *, to: str | None = None) -> None:
        """To everyone, or to the person of this name."""
        if to is None:
            self.receiver.select_option("")
        else:
            self.receiver.select_option(label=to)
        self.field.fill(text)
        self.field.press("Enter")
        expect(self.field).to_have_value("")

    def message(self, text: str) -> Locator:
        return self.page.get_by_test_id("message").filter(has_text=text)

    def push_notice(self, title: str, content: str = "") -> None:
        self.page.get_by_test_id("push-notice").click()
        form = self.page.get_by_test_id("push-notice-form")
        fill(form, title=title, content=content)
        form.locator("[type=submit]").click()
        expect(form).to_be_hidden()


def fill(form: Page | Locator, **fields: str) -> None:
    """Each field by its name."""
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)


class Visitors:
    """Everybody whom a test lets in to one server. `known` has the cookies of those who signed in, by name."""

    def __init__(self, browser: Browser, server: Server, known: dict[str, StorageState] | None = None) -> None:
        self.server = server
        self._browser = browser
        self._known = {} if known is None else known
        self._visitors: list[Visitor] = []

    def arrive(self, *, locale: str = "en-US", **options: Any) -> Visitor:
        """Somebody with an empty browser; `options` are those of a browser context."""
        visitor = Visitor(self._browser, self.server, locale=locale, **options)
        self._visitors.append(visitor)
        return visitor

    def sign_in(self, name: str, **options: Any) -> ClassicTab:
        """
        A person of the demo, with a browser of their own each time.

        The first time through the sign-in page, later with the cookie of that time: it is the same login session. A
        test that ends it signs in by `arrive().sign_in(name)`.
        """
        if (state := self._known.get(name)) is not None:
            visitor = self.arrive(storage_state=state, **options)
            return ClassicTab(visitor, visitor.open("/classic")).opened()
        tab = self.arrive(**options).sign_in(name)
        self._known[name] = tab.visitor.context.storage_state()
        return tab

    def leave(self) -> None:
        """Close all; see Visitor.leave."""
        failures: list[AssertionError] = []
        for visitor in self._visitors:
            try:
                visitor.leave()
            except AssertionError as error:
                failures.append(error)
        if failures:
            raise failures[0]
