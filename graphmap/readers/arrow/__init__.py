"""Columns that compiled code writes and Polars reads where they are, in the layout that Apache Arrow defines."""
