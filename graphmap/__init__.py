"""graphmap: a graph-based lateral movement mapper."""
