#!/bin/sh
# S42: a client stays with its real server, whatever the port.
VIP=192.168.1.200

ip addr add $VIP/32 dev eth0
# All ports of an address are one service only where clients stay.
ipvsadm -A -t $VIP:0 -s rr || echo "status $?"
ipvsadm -A -t $VIP:0 -s rr -p 600 &&
  ipvsadm -a -t $VIP:0 -r 192.168.1.198 -g -w 2 &&
  ipvsadm -a -t $VIP:0 -r 192.168.1.197 -g -w 1 &&
  ipvsadm -Ln
