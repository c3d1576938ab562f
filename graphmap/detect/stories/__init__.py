"""Stories: the findings of all detectors about one path, told as one (docs/stories.md)."""

from graphmap.detect.stories.choosing import Discovered, best_of_days, discovered, told_at
from graphmap.detect.stories.merging import Merging
from graphmap.detect.stories.telling import order, stories

__all__ = ["Discovered", "Merging", "best_of_days", "discovered", "order", "stories", "told_at"]
