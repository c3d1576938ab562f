"""What others than the logged-on host saw of its logons: sensors on the network, and the hosts that people came from.

command_lines  where the command line of an SSH client leads
programs       clients that were started, as reports of the connections that they opened
sightings      reports of sensors and clients, one row a connection
clocks         how far the clocks of hosts and sensors are apart, measured by what both report
joining        sightings and the sessions of hosts as one: witnesses, and sessions that no host reports
coverage       which side should have reported a logon and did not
"""
