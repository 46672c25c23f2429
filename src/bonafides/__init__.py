"""Bonafides: one real, verified person behind every account, without anyone being able to say who."""

__version__ = "0.1.0"
