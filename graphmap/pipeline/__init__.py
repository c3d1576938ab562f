"""The only place that joins readers, stores and detectors."""
