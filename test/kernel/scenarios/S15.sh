#!/bin/sh
# S15: direct routing. The director's part.
set -e
VIP=192.168.1.200

ip addr add 192.168.1.199/24 dev eth0
ip addr add $VIP/32 dev eth0
ipvsadm -C
ipvsadm -A -t $VIP:80 -s wlc
ipvsadm -a -t $VIP:80 -r 192.168.1.198 -g -w 3
ipvsadm -a -t $VIP:80 -r 192.168.1.197 -g -w 1
ipvsadm -Ln
