"""Fan-out measured side by side: Teahouse and its peers on one core, the load on the other. See `__main__`."""
