"""The HTTP API of graphmap. It arrives in a later version; this release holds the name and nothing else."""
