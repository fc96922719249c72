"""Says yes or no to an order, and why. Nothing reaches a venue around it."""
