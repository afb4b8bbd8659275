"""How work moves on to a fresh session: what a repository says of it, told within a number of tokens."""
