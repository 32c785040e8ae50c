#!/bin/sh
# S5: real servers are taken out of service and brought back by hand, one at a time.
set -e
VIP=172.168.2.20

ip addr add $VIP/32 dev eth0
ipvsadm -C
ipvsadm -A -t $VIP:80 -s rr -p 5
ipvsadm -a -t $VIP:80 -r 172.168.2.15:80
ipvsadm -a -t $VIP:80 -r 172.168.2.17:80
ipvsadm -L -n

ipvsadm -d -t $VIP:80 -r 172.168.2.17:80
ipvsadm -L -n

# The new one comes before the old one goes: the service is never empty.
ipvsadm -a -t $VIP:80 -r 172.168.2.17:80 -w 10 && ipvsadm -d -t $VIP:80 -r 172.168.2.15:80
ipvsadm -L -n

ipvsadm -a -t $VIP:80 -r 172.168.2.15:80 && ipvsadm -d -t $VIP:80 -r 172.168.2.17:80
ipvsadm -L -n

ipvsadm -a -t $VIP:80 -r 172.168.2.17:80
ipvsadm -L -n
