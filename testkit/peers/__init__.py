"""Cases between real programs."""
