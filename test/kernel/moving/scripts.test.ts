/** docs/from-scripts.md, played under traffic. */
import { test } from 'vitest';
import { useOwnLab } from '../../support/director.js';
import { readGuide } from '../../support/moving/guide.js';
import { play, WHOLE } from '../../support/moving/play.js';
import { useMovingScene } from '../../support/moving/scene.js';

const DOCUMENT = 'docs/from-scripts.md';
const scene = useMovingScene(useOwnLab());
const guide = readGuide(DOCUMENT, 'bash');
const unit = readGuide(DOCUMENT, 'ini').before.join('');

const START = `ipvsadm -R <<'END'
${WHOLE.join('\n')}
END
cat >/usr/local/sbin/check-web <<'END'
${guide.before.join('')}END
chmod +x /usr/local/sbin/check-web
cat >/etc/systemd/system/check-web.service <<'END'
${unit}END
systemctl daemon-reload
systemctl enable --quiet --now check-web`;

test('services move from a loop of the shell to the agent and back, as its guide says, and no request fails', async () => {
  await scene().shell.run(START);
  await play(scene(), guide);
});
