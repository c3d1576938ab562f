"""The user-host-source graph: hops, edges, time-respecting paths, and a networkx view of them.

========  ========================================================================
hops      sessions become hops; when does a hop follow a session
edges     hops and refused logons, aggregated
subgraph  the part of the graph that is near some nodes, bounded
rarity    what the past before a hop says about it
conformal how a hop stands among the earlier ones of its account, source ...: p-values
overlaps  sessions of one account that are open at once
columns   columns of text as numbers
index     hops as arrays, by the host they leave and arrive at
table     HOPS that need not be in memory: scanned, or taken by row
stored    the arrays of an index in a folder
paths     what a path is, the search for the most certain ones, chains
spread    what could be reached from a host, and from where it could be
pivots    paths between two hosts, ways from a host, ways to a host
kernels   compiled walks over very many hops
walks     an index that the kernels walk over: reach, best chains, counts
ranking   the best chains by rarity, certainty or time; blast radius, choke points
explain   rows and paths become hops and chains with stable ids
view      networkx MultiDiGraphs for notebooks
temporal  questions about time to such a graph
========  ========================================================================
"""
