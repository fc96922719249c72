"""The one step and its loop: an event in, the records it causes out. No I/O, no clock."""
