"""A range of real SSH servers: hosts as network namespaces, OpenSSH and rsyslog in each, scripted work and attacks.

::

    topology    what there is: segments, hosts, people, services, keys; a pure function of the seed
    namespaces  what keeps it apart from this machine, and makes it vanish with its owner
    hosts       the topology as running servers
    actions     what one person or program does: a login, a walk over several hosts, a copy, a wrong password
    scenario    who does what and when: rounds of legitimate work, then attacks; depends on the seed
    truth       what was done, written down by who did it, never read from a log
    record      all of it in one call: a folder of logs, an inventory, the truth
    sample      a recording as a realistic mixed estate: one format a host, one log rotated
"""
