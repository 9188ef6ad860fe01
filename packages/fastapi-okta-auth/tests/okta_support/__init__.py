"""What the tests share: the application under test, servers that fail, tokens and proofs."""
