"""Ends that say something wrong on purpose, and paths that damage what passes; see README.md beside this file."""
