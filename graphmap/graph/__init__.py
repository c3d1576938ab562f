"""The user-host-source graph: hops, edges, time-respecting paths, and a networkx view of them.

========  ==========================================================
hops      sessions become hops; when does a hop follow a session
edges     hops and refused logons, aggregated
rarity    what the past before a hop says about it
index     hops as arrays, by the host they leave and arrive at
paths     chains, reach, origins, paths between two hosts
view      a networkx MultiDiGraph for notebooks
========  ==========================================================
"""
