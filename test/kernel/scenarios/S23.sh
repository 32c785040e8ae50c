#!/bin/sh
# S23: tunnels. The director's part.
set -e
VIP=192.168.88.250

ip addr add 192.168.88.49/24 dev eth0
# As /24 it would bring a second route to the real servers' net.
ip addr add $VIP/32 dev tunl0
ip link set tunl0 up
ipvsadm -A -t $VIP:80 -s rr
ipvsadm -a -t $VIP:80 -r 192.168.88.18 -i
ipvsadm -a -t $VIP:80 -r 192.168.88.19 -i
ipvsadm -Ln
ipvsadm -Ln --tun-info
