"""The text of messages: what is hostile is in hostile_markdown.json, for these tests and for a browser's."""
