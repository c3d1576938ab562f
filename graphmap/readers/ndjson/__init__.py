"""One JSON object a line: the wanted values of each, found by a compiled pass that is certain or says it is not."""
