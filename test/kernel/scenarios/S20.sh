#!/bin/sh
# S20: a director for direct routing that an init system starts and stops.
VIP=192.168.1.200
RIP1=192.168.1.198
RIP2=192.168.1.197
PORT=80

start() {
  ip addr replace $VIP/32 dev eth0 &&
    echo 1 >/proc/sys/net/ipv4/ip_forward &&
    ipvsadm -C &&
    ipvsadm -A -t $VIP:$PORT -s wlc &&
    ipvsadm -a -t $VIP:$PORT -r $RIP1 -g -w 1 &&
    ipvsadm -a -t $VIP:$PORT -r $RIP2 -g -w 2
}

stop() {
  echo 0 >/proc/sys/net/ipv4/ip_forward
  ipvsadm -D -t $VIP:$PORT
  ip addr del $VIP/32 dev eth0
  echo 'ipvs is stopped...'
}

# What the kernel says, and no lock file.
status() {
  if ipvsadm -Ln -t $VIP:$PORT; then
    echo 'ipvs is running ...'
  else
    echo 'ipvsadm is stopped ...'
    return 3
  fi
}

case "$1" in
  start) start ;;
  stop) stop ;;
  status) status ;;
  *)
    echo "Usage: $0 {start|stop|status}"
    exit 1
    ;;
esac
