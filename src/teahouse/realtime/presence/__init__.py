"""Who is connected to which channel, and who comes and goes there. Imported by the engine only."""
