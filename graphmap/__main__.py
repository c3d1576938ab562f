"""``python -m graphmap``."""

from graphmap.cli import main

main()
