"""Messages that try to be a script, in a page without any policy that would stop them."""

import json
import pathlib

from playwright.sync_api import Browser, Route

from teahouse.chat.text import markdown

_CORPUS = json.loads(
    (pathlib.Path(__file__).parents[1] / "chat" / "text" / "hostile_markdown.json").read_text(encoding="utf-8")
)
_EVENTS = ["click", "error", "focus", "load", "mouseover", "pointerenter", "toggle", "animationstart", "transitionend"]

# Puts HTML into the page, does to each element what a person or the browser might, and says what came of it.
_SHOW = """
async ([html, events]) => {
  window.ran = [];
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => { window.ran.push(name); };
  // Links are looked at, not followed.
  window.onclick = (event) => event.preventDefault();
  document.body.innerHTML = html;
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name } of element.attributes) if (name.startsWith("on")) found.push(name);
    if (element.style.length) found.push("style");
    if (element.href && !["http:", "https:", "mailto:"].includes(new URL(element.href, "https://x/").protocol)) {
      found.push(element.href);
    }
    if (element.matches("script, style, iframe, frame, object, embed, img, image, audio, video, source, svg, math,"
        + "form, input, button, textarea, select, link, meta, base, template, portal, dialog, slot")) {
      found.push(element.localName);
    }
    for (const name of events) element.dispatchEvent(new Event(name, { bubbles: true, cancelable: true }));
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return [...found, ...window.ran];
}
"""


def test_no_message_runs_or_fetches_anything(browser: Browser) -> None:
    fetched: list[str] = []

    def refuse(route: Route) -> None:
        fetched.append(route.request.url)
        route.abort()

    context = browser.new_context()
    page = context.new_page()
    page.set_content("<!doctype html><title>Messages</title>")
    page.route("**/*", refuse)
    page.on("dialog", lambda dialog: (fetched.append(f"dialog {dialog.message}"), dialog.dismiss()))

    caught = {}
    for one in _CORPUS:
        if came := page.evaluate(_SHOW, [markdown.render(one["source"]), _EVENTS]):
            caught[one["source"]] = came
    context.close()

    assert len(_CORPUS) > 200
    assert {} == caught
    assert [] == fetched


def test_what_is_hostile_would_be_noticed(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<!doctype html><title>Messages</title>")

    for html in ("<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>', "<svg onload=alert(1)>"):
        assert page.evaluate(_SHOW, [html, _EVENTS])
    page.close()
