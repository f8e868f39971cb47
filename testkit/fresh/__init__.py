"""A second set of cases, for peers and shapes that `peers` and `scripted` do not have; see README.md."""
