import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { virtualServer, vrrpInstance } from '../../support/keepalived.js';

/** Configurations of keepalived, and what kinds of settings they have. */

export interface Configuration {
  readonly name: string;
  readonly kinds: string;
  readonly text: string;
  /** Other files beside it, by their names. */
  readonly files?: Readonly<Record<string, string>>;
  /** What its log says as often, once its checks have passed. */
  readonly passed?: readonly [message: string, times: number];
}

const neighbours = readFileSync(
  join(import.meta.dirname, '../neighbours/keepalived.conf'),
  'utf8',
).replace('real_server 127.0.0.1 9 {', 'real_server 127.0.0.1 8000 {');

export const configurations: readonly Configuration[] = [
  {
    name: 'neighbours',
    kinds: 'groups, marks, tunnels, all schedulers, daemon, timeouts, sorry server, TCP_CHECK',
    text: neighbours,
    passed: ['TCP connection to', 2],
  },
  {
    name: 'S49',
    kinds: 'VRRP, DR, persistence, sorry server, TCP_CHECK with its own times',
    text: [
      'global_defs {\n router_id LVS01\n}',
      vrrpInstance({ name: 'LVS_HA', id: 100, role: 'MASTER', addresses: ['172.168.2.20'] }),
      virtualServer('172.168.2.20'),
    ].join('\n'),
    passed: ['TCP connection to', 2],
  },
  {
    name: 'S51',
    kinds: 'two VRRP instances, two virtual servers',
    text: [
      vrrpInstance({ name: 'A', id: 100, role: 'MASTER', addresses: ['172.168.2.20'] }),
      vrrpInstance({ name: 'B', id: 101, role: 'BACKUP', addresses: ['172.168.2.21'] }),
      virtualServer('172.168.2.20'),
      virtualServer('172.168.2.21'),
    ].join('\n'),
    passed: ['TCP connection to', 4],
  },
  {
    name: 'groups',
    kinds: 'ranges, networks, marks with families, granularity of a group, ports left out',
    text: `virtual_server_group below {
  192.0.2.10 80
  192.0.2.250-192.0.2.253 81
  192.0.2.16/30 82
  192.0.2.60-62
  fwmark 21
}
virtual_server_group mixed {
  2001:db8:2::1e-21 80
  2001:db8:2::40/126 81
  192.0.2.40 82
  fwmark 22 inet
  fwmark 22 inet6
}
virtual_server group below {
  protocol TCP
  lb_algo wrr
  lb_kind NAT
  persistence_granularity 255.255.255.0
  real_server 192.168.10.2 {
    weight 2
  }
  real_server 192.168.10.3 8080 {
  }
}
virtual_server group mixed {
  protocol UDP
  lb_kind TUN
  real_server 192.168.10.2 80 {
  }
  real_server 2001:db8:10::2 {
    lvs_method TUN type gre csum
  }
}`,
  },
  {
    name: 'definitions',
    kinds: 'definitions, repetitions, lists, conditions, include, comments',
    text: `$NET=192.168.\${LAST}
$LAST=10
$RS= \\
  real_server \${NET}.\${N} 80 { \\
    weight \${N} \\
  }
! a comment
include more.conf
virtual_server 192.0.2.1 80 { # another
  protocol TCP
  @one lb_algo wrr
  @two lb_algo sed
  @^one persistence_timeout 77
  @^two persistence_timeout 88
  lb_kind NAT ! and one more
  $N=2
  $RS
  $N=3
  $RS
  ~SEQ(M, 20, 2, 26) real_server \${NET}.\${M} 80 { }
  ~SEQx(H, 0x10, 18) real_server 192.168.9.\${H} 80 { }
  ~LST({A,B}, {1,5}, {2,6}) real_server 192.168.\${A}.\${B} 80 { }
}`,
    files: {
      'more.conf': `virtual_server 192.0.2.2 80
{
  protocol TCP
  real_server 192.168.10.2 80
  {
    weight 4
  }
}
`,
    },
  },
  {
    name: 'defaults',
    kinds: 'no protocol, scheduler, method; what keepalived leaves out or sets right by itself',
    text: `virtual_server 192.0.2.1 53 {
  real_server 192.168.10.2 53 {
  }
}
virtual_server 192.0.2.2 80 {
  protocol TCP
}
virtual_server 192.0.2.3 80 { protocol TCP lb_algo sh
  lb_kind DR persistence_timeout 10
  real_server 192.168.10.2 8080 { weight 5 uthreshold 3
  }
  real_server 192.168.10.2 8080 {
  }
  real_server 192.168.10.2 80 {
  }
  real_server 2001:db8::2 80 {
  }
}
virtual_server 192.0.2.4 {
  protocol TCP
  weight 7
  real_server 192.168.10.2 {
  }
  real_server 192.168.10.3 0 {
    weight 0
  }
}
virtual_server fwmark 9 {
  protocol TCP
  lb_kind DR
  real_server 192.168.10.2 80 {
  }
}`,
  },
  {
    name: 'families',
    kinds: 'IPv6, marks of tunnelled servers, servers of another family, ip_family',
    text: `virtual_server 2001:db8:2::1 80 {
  protocol TCP
  lb_kind TUN
  real_server 192.168.10.2 80 {
  }
  real_server 2001:db8:10::2 80 {
    lvs_method DR
  }
}
virtual_server fwmark 31 {
  lb_kind TUN
  real_server 2001:db8:10::2 {
  }
}
virtual_server fwmark 32 {
  lb_kind TUN
  real_server 2001:db8:10::2 {
  }
  real_server 192.168.10.2 {
  }
}
virtual_server fwmark 33 {
  ip_family inet6
  lb_kind TUN
  real_server 192.168.10.2 {
  }
}
virtual_server fwmark 34 {
  persistence_granularity 64
  lb_kind NAT
  real_server 2001:db8:10::2 80 {
  }
}`,
  },
  {
    name: 'flags',
    kinds: 'scheduler flags and their order, one packet, engine without persistence, thresholds',
    text: `virtual_server 192.0.2.1 80 {
  protocol TCP
  sh-port
  lb_algo sh
  sh-fallback
  ops
  real_server 192.168.10.2 80 {
    uthreshold 4294967295
    lthreshold 10
  }
}
virtual_server 192.0.2.2 80 {
  protocol TCP
  lvs_sched mh
  mh-port
  real_server 192.168.10.2 80 {
  }
}
virtual_server 192.0.2.3 80 {
  protocol UDP
  lvs_sched rr
  flag-3
  flag-1
  ops
  persistence_engine sip
  real_server 192.168.10.2 80 {
    weight 2147483647
  }
}
virtual_server fwmark 41 {
  lvs_sched rr
  ops
  persistence_granularity 255.255.0.0
  persistence_timeout
  real_server 192.168.10.2 80 {
  }
}`,
  },
  {
    name: 'health',
    kinds: 'quorum, hysteresis, inhibit, alpha, scripts; every checker that can pass here',
    text: `virtual_server 192.0.2.1 80 {
  protocol TCP
  lb_kind NAT
  delay_loop 1
  warmup 0
  quorum 3
  hysteresis 1
  quorum_up /bin/true
  inhibit_on_failure
  alpha
  sorry_server 127.0.0.9 8000
  real_server 127.0.0.1 8000 {
    weight 2
    HTTP_GET {
      url {
        path /
        status_code 200-404
      }
    }
    TCP_CHECK {
      connect_ip 127.0.0.1
      connect_port 8000
    }
    notify_up /bin/true
  }
  real_server 127.0.0.2 8000 {
    weight 2
    MISC_CHECK {
      misc_path "/bin/sh -c 'exit 0'"
      misc_timeout 60
      user root
    }
  }
}
virtual_server 192.0.2.2 80 {
  protocol UDP
  lb_kind NAT
  delay_loop 1
  real_server 127.0.0.1 80 {
    PING_CHECK {
    }
  }
}`,
  },
];
