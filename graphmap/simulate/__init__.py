"""An invented enterprise as real log files, attacks in it, and how well a hunt finds them (docs/detection.md)."""
