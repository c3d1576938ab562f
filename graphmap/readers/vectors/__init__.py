"""Looks at many bytes at once, for compiled code."""
