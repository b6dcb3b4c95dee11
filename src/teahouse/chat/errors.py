"""
What the chat refuses, as a tree:

ChatError
├── NotAMember      no such room, or not for you: the two are not told apart
├── NoSuchPerson    nobody who may sign in has this id
├── BadBody         empty, too long, or with characters that are none
└── KeyConflict     the client key names something else already

The doors map them: the HTTP API to a status, the article's door to a counter.
"""


class ChatError(Exception):
    """A refusal for good: the same request will be refused again."""


class NotAMember(ChatError):
    pass


class NoSuchPerson(ChatError):
    pass


class BadBody(ChatError):
    pass


class KeyConflict(ChatError):
    pass
