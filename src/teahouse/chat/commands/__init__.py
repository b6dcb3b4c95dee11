"""What clients may ask for over a connection: one function per command, in tables, over the same services as the API."""
