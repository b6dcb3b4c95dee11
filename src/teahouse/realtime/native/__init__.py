"""The native door: what the commands of the Centrifuge protocol do, whatever transport and codec they come over."""
