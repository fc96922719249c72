"""The words: instruments, bars, orders, fills, positions and events. Frozen; no I/O."""
