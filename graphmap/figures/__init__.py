"""Plotly figures, built in Python with all positions: the same in the browser, a notebook and a report.

=========  =============================================================
layout     where the nodes of a network are drawn: a disc for each segment
ways       that and the other layouts, by name
growing    places for nodes that come later; what is there stays
network    users, hosts, sources and keys, a disc for each segment
chain      a chain on its time axis, a lane for each host
timeline   sessions and refused logons of one node
heatmap    from where to where, by segment or by host
theme      colours, light and dark
text       log text as a figure may hold it
=========  =============================================================

Each function gives a `plotly.graph_objects.Figure`.
"""
