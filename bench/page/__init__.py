"""How fast the chat's page is, in a headless Chromium against a house that runs: `python -m bench.page`."""
