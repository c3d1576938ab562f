"""The compiled walks over hops, one array element a hop. The only door to numba in this package is `common`.

What a path is, `graphmap.graph.paths` says; its plain Python is the twin that these are compared with. Hops come in
order of `earliest`, as `graphmap.graph.index.Hops`. Those whose stamps overlap form a **group**; a stamp covers at most
its second, so a group lies within one second. What a group's sessions lead to in later groups depends on `open` alone,
because they had surely started; only within a group do moments have to be picked and repetitions be watched for.

No walk looks at more than the sessions that were open, and none allocates per hop but what it returns.
"""
