import type { WorldService } from './world.js';
import { World } from './world.js';

const MINUTE = 60_000;

/** Servers with one port: 10.0.1.11:8080, 10.0.1.12:8080, … */
function servers(network: string, count: number, port: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    network.includes(':')
      ? `[${network}${(index + 17).toString(16)}]:${port}`
      : `${network}.${index + 11}:${port}`,
  );
}

/** What a company of some size has behind two directors. */
const SERVICES: readonly WorldService[] = [
  {
    service: 'tcp:192.0.2.10:443',
    name: 'web',
    servers: servers('10.0.1', 12, 8443),
    quorum: 4,
    rate: 1840,
    check: 'https',
  },
  {
    service: 'tcp:192.0.2.10:80',
    name: 'web-redirect',
    servers: servers('10.0.1', 12, 8080),
    rate: 96,
  },
  {
    service: 'tcp:[2001:db8:10::80]:443',
    name: 'web-v6',
    servers: servers('2001:db8:1::', 6, 8443),
    rate: 612,
    check: 'https',
  },
  {
    service: 'tcp:192.0.2.11:443',
    name: 'api',
    servers: servers('10.0.2', 8, 9000),
    quorum: 3,
    rate: 926,
  },
  {
    service: 'tcp:192.0.2.12:443',
    name: 'login',
    servers: servers('10.0.3', 4, 8443),
    quorum: 2,
    sorry: true,
    rate: 74,
    check: 'https',
  },
  { service: 'tcp:192.0.2.13:443', name: 'search', servers: servers('10.0.4', 4, 9200), rate: 231 },
  {
    service: 'tcp:192.0.2.14:443',
    name: 'images',
    servers: servers('10.0.5', 6, 8080),
    rate: 1310,
    direct: true,
  },
  {
    service: 'tcp:192.0.2.15:443',
    name: 'video',
    servers: servers('10.0.6', 5, 8080),
    rate: 88,
    direct: true,
  },
  { service: 'tcp:192.0.2.16:443', name: 'shop', servers: servers('10.0.7', 6, 8080), rate: 143 },
  {
    service: 'tcp:192.0.2.16:8443',
    name: 'shop-admin',
    servers: servers('10.0.7', 2, 8090),
    rate: 2.4,
  },
  {
    service: 'udp:192.0.2.53:53',
    name: 'dns',
    servers: servers('10.0.8', 3, 53),
    rate: 2260,
    check: 'dns',
  },
  {
    service: 'tcp:192.0.2.53:53',
    name: 'dns-tcp',
    servers: servers('10.0.8', 3, 53),
    rate: 12.5,
    check: 'dns',
  },
  {
    service: 'tcp:192.0.2.25:25',
    name: 'mail-in',
    servers: servers('10.0.9', 4, 25),
    rate: 18.3,
    check: 'smtp',
  },
  {
    service: 'tcp:192.0.2.25:587',
    name: 'mail-submission',
    servers: servers('10.0.9', 4, 587),
    rate: 6.1,
    check: 'smtp',
  },
  {
    service: 'tcp:192.0.2.26:993',
    name: 'imap',
    servers: servers('10.0.9', 3, 993),
    rate: 22.8,
    check: 'tcp',
  },
  {
    service: 'tcp:198.51.100.20:636',
    name: 'ldap',
    servers: servers('10.0.10', 3, 636),
    rate: 41,
    check: 'tcp',
  },
  {
    service: 'tcp:198.51.100.21:5432',
    name: 'postgres-read',
    servers: servers('10.0.11', 3, 5432),
    rate: 37,
    check: 'exec',
  },
  {
    service: 'tcp:198.51.100.22:6379',
    name: 'redis-read',
    servers: servers('10.0.12', 3, 6379),
    rate: 118,
    check: 'tcp',
  },
  {
    service: 'tcp:198.51.100.23:443',
    name: 'git',
    servers: servers('10.0.13', 3, 8443),
    rate: 9.7,
    check: 'https',
  },
  {
    service: 'tcp:198.51.100.24:5000',
    name: 'registry',
    servers: servers('10.0.13', 3, 5000),
    rate: 4.2,
  },
  {
    service: 'tcp:198.51.100.25:50051',
    name: 'billing',
    servers: servers('10.0.14', 4, 50051),
    rate: 61,
    check: 'grpc',
  },
  {
    service: 'udp:198.51.100.26:514',
    name: 'syslog',
    servers: servers('10.0.15', 2, 514),
    rate: 320,
    check: 'udp',
  },
  {
    service: 'udp:198.51.100.27:1812',
    name: 'radius',
    servers: servers('10.0.16', 2, 1812),
    rate: 5.8,
    check: 'udp',
  },
  {
    service: 'mark:7',
    name: 'ftp',
    servers: servers('10.0.17', 2, 0).map((server) => server.replace(/:0$/, '')),
    rate: 0.6,
    check: 'tcp',
  },
];

/** All is well; a server came back a while ago. */
export function allWell(now: () => number): World {
  const world = new World(SERVICES, now);
  const at = (minutes: number) => new Date(now() - minutes * MINUTE).toISOString();
  world.tell({ type: 'agent', severity: 'info', time: at(1560), to: 'started' });
  world.change('tcp:198.51.100.23:443', '10.0.13.12:8443', 'maintenance', 'new kernel', at(214));
  world.change('tcp:198.51.100.23:443', '10.0.13.12:8443', 'up', undefined, at(197));
  world.tell({
    type: 'config',
    severity: 'info',
    time: at(95),
    reason: '/etc/ipvs/ipvs.yaml was read again',
  });
  world.change(
    'tcp:192.0.2.16:443',
    '10.0.7.14:8080',
    'down',
    'status 502, expected 200-399',
    at(48),
  );
  world.change('tcp:192.0.2.16:443', '10.0.7.14:8080', 'up', undefined, at(46));
  return world;
}

/** One service is gone, others limp, and some of it somebody has asked for. */
export function outage(now: () => number): World {
  const world = allWell(now);
  const at = (minutes: number) => new Date(now() - minutes * MINUTE).toISOString();
  const down = (key: string, names: readonly string[], reason: string, minutes: number): void => {
    for (const name of names) world.change(key, name, 'down', reason, at(minutes));
  };
  world.change('tcp:192.0.2.26:993', '10.0.9.13:993', 'maintenance', 'new disk', at(187));
  world.change('tcp:192.0.2.15:443', '10.0.6.15:8080', 'draining', undefined, at(22));
  down(
    'tcp:192.0.2.10:443',
    ['10.0.1.19:8443'],
    'the certificate expires in 2 days, minDaysLeft is 7',
    64,
  );
  down('tcp:192.0.2.12:443', ['10.0.3.11:8443', '10.0.3.12:8443'], 'no answer in 2 s', 11);
  down('tcp:192.0.2.12:443', ['10.0.3.13:8443'], 'status 500, expected 200-299', 9);
  down(
    'tcp:192.0.2.11:443',
    ['10.0.2.13:9000', '10.0.2.17:9000'],
    'status 503, expected 200-299',
    7,
  );
  down('tcp:192.0.2.13:443', servers('10.0.4', 4, 9200), 'connection refused', 6);
  world.change('tcp:198.51.100.25:50051', '10.0.14.14:50051', 'starting', undefined, at(1));
  return world;
}

/** As many services as one director is to show, and a few of them in trouble. */
export function manyServices(count: number, now: () => number = Date.now): World {
  const world = new World(
    Array.from({ length: count }, (_, index) => {
      const [high, low] = [Math.floor(index / 250), (index % 250) + 1];
      return {
        service: `tcp:192.0.${high}.${low}:80`,
        name: `service-${index + 1}`,
        servers: servers(`10.${high}.${low}`, 4, 8080),
        rate: (index % 97) + 1,
      };
    }),
    now,
  );
  for (let index = 100; index < count; index += 500) {
    const [high, low] = [Math.floor(index / 250), (index % 250) + 1];
    world.change(
      `tcp:192.0.${high}.${low}:80`,
      `10.${high}.${low}.11:8080`,
      'down',
      'connection refused',
    );
  }
  return world;
}
