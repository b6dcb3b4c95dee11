"""The rules of the wire. Pure: no Django, no asyncio, no clock, no I/O; time is an argument."""
