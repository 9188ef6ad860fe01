"""What the tests share, and commands of their own."""
