#!/bin/sh
# S22: masquerading between the clients' net and the real servers'.
set -e
VIP=192.168.0.220
DIP=192.168.10.10

ip addr add $VIP/24 dev eth0
ip addr add $DIP/24 dev eth1
ipvsadm -A -t $VIP:80 -s rr
ipvsadm -a -t $VIP:80 -r 192.168.10.2 -m -w 1
ipvsadm -a -t $VIP:80 -r 192.168.10.3 -m -w 1
echo 1 >/proc/sys/net/ipv4/ip_forward
ipvsadm -Ln

# A real server may listen on another port.
ipvsadm -a -t $VIP:80 -r 192.168.10.2:8080 -m -w 1
ipvsadm -d -t $VIP:80 -r 192.168.10.2
ipvsadm -Ln -t $VIP:80
