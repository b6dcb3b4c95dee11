"""What clients may ask for: one function per command, in tables, for connections and for the HTTP API alike."""
