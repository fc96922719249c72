"""The way in: what is kept near the visitor, and who answers what is not."""
