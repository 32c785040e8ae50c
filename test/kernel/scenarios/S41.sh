#!/bin/sh
# S41: a client stays with its real server, for each port by itself.
set -e
sh "$(dirname "$0")/S20.sh" start
ipvsadm -E -t 192.168.1.200:80 -s wlc -p 600
ipvsadm -Ln
