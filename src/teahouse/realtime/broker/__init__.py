"""What carries publications between processes. It carries hints: whatever it loses is read from the history."""
