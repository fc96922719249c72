"""What was known on a day: prices as they were seen then, and who could be chosen."""
