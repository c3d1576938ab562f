"""Stories: the findings of all detectors about one path, told as one (docs/stories.md)."""

from graphmap.detect.stories.choosing import Chosen, Discovered, best_of_days, choose, discovered, is_clear, told_at
from graphmap.detect.stories.merging import Merging
from graphmap.detect.stories.telling import order, stories

__all__ = [
    "Chosen",
    "Discovered",
    "Merging",
    "best_of_days",
    "choose",
    "discovered",
    "is_clear",
    "order",
    "stories",
    "told_at",
]
