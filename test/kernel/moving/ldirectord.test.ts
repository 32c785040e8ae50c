/** docs/from-ldirectord.md, played under traffic. */
import { test } from 'vitest';
import { useOwnLab } from '../../support/director.js';
import { readGuide } from '../../support/moving/guide.js';
import { play } from '../../support/moving/play.js';
import { useMovingScene } from '../../support/moving/scene.js';

const scene = useMovingScene(useOwnLab());
const guide = readGuide('docs/from-ldirectord.md', 'ldirectord');

const START = `cat >/etc/ha.d/ldirectord.cf <<'END'
${guide.before.join('')}END
systemctl start ldirectord`;

// Perl, and ipvsadm by the dozen, take their time.
test(
  'services move from ldirectord to the agent and back, as its guide says, and no request fails',
  { tags: 'long' },
  async () => {
    await scene().shell.run(START);
    await play(scene(), guide);
  },
);
