/** docs/from-keepalived.md with a keepalived that removes servers, as it does without inhibit_on_failure. */
import { test } from 'vitest';
import { useOwnLab } from '../../support/director.js';
import { readGuide } from '../../support/moving/guide.js';
import { play } from '../../support/moving/play.js';
import { useMovingScene } from '../../support/moving/scene.js';

const scene = useMovingScene(useOwnLab(), { bare: true });
const SERVER = 'service [192.168.1.192]:tcp:80';
const guide = readGuide('docs/from-keepalived.md', 'keepalived', [
  ['    inhibit_on_failure\n', ''],
  ['keepalived.conf:26:', 'keepalived.conf:25:'],
  ['onFailure: quiet', 'onFailure: remove'],
  ['-a -t 192.168.1.200:80 -r 192.168.1.192:80 -g -w 0\n', ''],
  ["'^(Dis|En)abling", "'^(Remov|Add)ing"],
  [`Disabling ${SERVER} of`, `Removing ${SERVER} from`],
  [`Enabling ${SERVER} of`, `Adding ${SERVER} to`],
]);

// Without this, `ipvs agent check` warns of connections to removed servers.
const START = `sysctl -qw net.ipv4.vs.expire_nodest_conn=1
cat >/etc/keepalived/keepalived.conf <<'END'
${guide.before.join('')}END
systemctl start keepalived
until ip -brief address show dev eth0 | grep -q 192.168.1.200; do sleep 0.2; done`;

test(
  'the checks of a keepalived that removes servers move to the agent and back, and no request fails',
  { tags: 'long' },
  async () => {
    await scene().shell.run(START);
    await play(scene(), guide, 'remove');
  },
);
