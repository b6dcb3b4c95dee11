"""What carries sessions: adapters to ASGI servers. They wait, buffer and notice; they hold no rule."""
