"""What must hold of everything that is deployed, one small law at a time."""
