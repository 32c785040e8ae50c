import { beforeAll, expect, test } from 'vitest';
import { ourCommand } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';

/** What a real kernel's table looks like through `ipvs list` and `ipvs stats`. */

const director = useNamespace();
const ipvs = (...words: string[]) => director().run([...ourCommand('ipvs'), ...words]);

const RULES = `-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.0.9:8080 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.0.10:8080 -m -w 0
-A -u [2001:db8::1]:53 -s rr -p 600 -M 64
-A -f 7 -s mh -b mh-fallback
`;

beforeAll(async () => {
  expect((await director().genuine(['-R'], { stdin: RULES })).code).toBe(0);
});

test('a table is shown with what it is set to', async () => {
  const { code, stdout } = await ipvs('list');
  expect(code).toBe(0);
  expect(stdout).toBe(
    `\
SERVICE               SCHED  METHOD  WEIGHT  SHARE  ACTIVE  INACT  STATUS
tcp:192.0.2.1:80      wrr                                0      0
  10.0.0.9:8080              nat          3   100%       0      0
  10.0.0.10:8080             nat          0     0%       0      0  drained
udp:[2001:db8::1]:53  rr                                 0      0  no servers, persistent 600s
mark:7                mh                                 0      0  no servers, mh-fallback
`,
  );
});

test('JSON has the settings that ipvsadm shows, and counters', async () => {
  const { code, stdout } = await ipvs('list', 'tcp:192.0.2.1:80', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    services: [
      {
        service: 'tcp:192.0.2.1:80',
        scheduler: 'wrr',
        statistics: { connections: 0 },
        rates: { connectionsPerSecond: 0 },
        servers: [
          { server: '10.0.0.9:8080', method: 'nat', weight: 3 },
          { server: '10.0.0.10:8080', method: 'nat', weight: 0 },
        ],
      },
    ],
  });
});
