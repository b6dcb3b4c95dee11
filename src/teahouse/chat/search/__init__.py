"""
Full-text search: an index of messages in the chat's own database, which follows the log by offsets of its own, and what
is found in it. How a text is divided into words is `chat.text.terms`. Uses models, doors and selectors; only commands
and whoever tells it of publications (`indexer.note`) use it.
"""
