"""The work that one machine is too small for, on a cluster of Apache Spark: the only door to pyspark.

What is decided of a row, a host or a chain is decided by the same functions as on one machine. Here is only how data
gets to where they run, and back.
"""
