"""What runs by itself: jobs with a schedule, one runner at a time, each run on record.

::

    config     the jobs that there are: built in, and those of graphmap.toml
    tasks      what a job can do
    runner     one run: the claim, the time limit, the record
    scheduler  when jobs are due; the only door to APScheduler
    metrics    what became of them, for Prometheus
"""
