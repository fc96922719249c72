"""The keyboard door: commands in, answers and exit codes out."""
