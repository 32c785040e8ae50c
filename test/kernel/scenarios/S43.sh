#!/bin/sh
# S43: a client stays with its real server on all the ports that a firewall mark brings together.
set -e
VIP=192.168.1.200

ip addr add $VIP/32 dev eth0
for port in 80 23; do
  iptables-legacy -t mangle -A PREROUTING -d $VIP -i eth0 -p tcp --dport $port -j MARK --set-mark 8
done
ipvsadm -A -f 8 -s rr -p 600
ipvsadm -a -f 8 -r 192.168.1.198 -w 2 -g
ipvsadm -a -f 8 -r 192.168.1.197 -w 2 -g
ipvsadm -Ln
