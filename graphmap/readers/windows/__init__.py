"""Events of Windows: one table of what they mean (`meanings`), and one reader for each way in which they are kept."""
