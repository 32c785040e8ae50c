import { serviceOf } from '../../rules.js';
import { inTurn, type Row } from '../../row.js';
import { ipvs } from '../../programs.js';

const SERVICES = 5000;
const FRAMES = 10;
const FRAME_MS = 200;
/** What `times` prints of the children: user and system time. */
const CHILDREN = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

export const topFrames: Row = {
  name: 'look',
  about: 'CPU time of a frame of top -b with 5,000 services',
  async run(bench) {
    const guest = await bench.guest();
    const lines = Array.from(
      { length: SERVICES },
      (_, index) => `-A -t ${serviceOf(index)} -s rr\n`,
    );
    const rules = await guest.put('services', lines.join(''));
    return guest.within(async (namespace) => {
      await guest.run(namespace, ['sh', '-c', `/sbin/ipvsadm -R <${rules}`]);
      const cpuMs = async (frames: number): Promise<number> => {
        const words = [...ipvs(), 'top', '-b', '-n', String(frames), '--interval', '0.1'];
        const script = '"$@" >/dev/null; times';
        const said = await guest.run(namespace, ['sh', '-ec', script, 'sh', ...words]);
        const [, ...times] = CHILDREN.exec(said) ?? [];
        const [m1 = NaN, s1 = NaN, m2 = NaN, s2 = NaN] = times.map(Number);
        return 1000 * (60 * (m1 + m2) + s1 + s2);
      };
      const all = await inTurn(bench, bench.runs(3), {
        many: () => cpuMs(FRAMES + 1),
        one: () => cpuMs(1),
      });
      return [
        {
          what: `CPU time of a frame of ipvs top -b, ${SERVICES.toLocaleString('en')} services`,
          unit: 'ms',
          ours: all.many.map((many, index) => (many - (all.one[index] ?? NaN)) / FRAMES),
          target: { kind: 'below', atMost: FRAME_MS },
        },
      ];
    });
  },
};
