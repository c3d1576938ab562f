"""Segment policy: who may log in from which zone to which, as a file, and what it says of logons (docs/policy.md).

==========  ==================================================================
rules       zones and rules as written
yaml_form   a file of them
membership  which zones hold a host
logons      what is judged
judge       what is said of logons, of all at once and of one in words
rulings     what is said of the hops of an estate
==========  ==================================================================
"""
