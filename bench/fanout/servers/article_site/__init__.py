"""The article's chat room, in its way: a Channels consumer that verifies a refresh token and sends by groups."""
