import { expect, test } from 'vitest';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';
import type { PresetService } from '../../src/testing/presets.js';

/**
 * The law between set-up and doctor, for every value of each setting: what `up` makes, the doctor accepts; what the doctor
 * finds, its fix and `up` remedy; what the doctor accepts, `up` leaves alone.
 */

const VIP = '192.0.2.80';
const CONF = '/proc/sys/net/ipv4/conf';

interface Finding {
  readonly id: string;
  readonly occurrences: readonly { readonly fix: readonly string[] }[];
}

/** Settings by their paths below net/ipv4/conf. */
type Values = Readonly<Record<string, number>>;

function scene(values: Values, services: readonly PresetService[] = []): SetupScene {
  const context = setupScene(services);
  for (const [path, value] of Object.entries(values)) {
    context.host.files.set(`${CONF}/${path}`, `${value}\n`);
  }
  context.onChange = (change) => {
    // It is only ever switched on here; as the kernel does it, every interface follows.
    for (const path of change.endsWith('net/ipv4/ip_forward') ? context.host.files.keys() : []) {
      if (path.endsWith('/forwarding')) context.host.files.set(path, '1\n');
    }
    return false;
  };
  return context;
}

const addressed = (context: SetupScene, device: string, address: string): SetupScene => {
  context.ip.links.find(({ name }) => name === device)?.addresses.push(address);
  return context;
};

async function findings(context: SetupScene, ...words: string[]): Promise<readonly Finding[]> {
  const { stdout } = await context.run(['doctor', '--json', '--passive', ...words]);
  const report = JSON.parse(stdout) as { findings: Finding[]; skipped: unknown };
  expect(report.skipped).toEqual([]);
  return report.findings;
}

const ids = (found: readonly Finding[]): string[] => found.map(({ id }) => id);

/** Types the commands of every finding. */
async function fix(context: SetupScene, found: readonly Finding[]): Promise<void> {
  for (const line of found.flatMap(({ occurrences }) => occurrences.flatMap((one) => one.fix))) {
    const [, name = '', value = ''] = /^sysctl -w (\S+)=(\d+)$/.exec(line) ?? [];
    if (name !== '') await context.host.write(`/proc/sys/${name.replaceAll('.', '/')}`, value);
    else if (line.startsWith('ip ')) context.ip.run(['-batch', '-'], line.slice(3));
    else throw new Error(`not a command: ${line}`);
  }
}

interface Law {
  /** The machine as it is found, with or without its virtual address. */
  readonly make: (isSetUp: boolean) => SetupScene;
  readonly up: (context: SetupScene) => readonly string[];
  readonly doctor: readonly string[];
  /** Whether `up` corrects more than the doctor finds. */
  readonly isStricter?: boolean;
}

async function expectLaw(
  what: string,
  { make, up, doctor, isStricter = false }: Law,
): Promise<void> {
  const fresh = make(false);
  for (const time of ['once', 'twice']) {
    expect(await fresh.run(up(fresh))).toMatchObject({ status: 0, stderr: '' });
    expect([what, time, ...ids(await findings(fresh, ...doctor))]).toEqual([what, time]);
  }
  const byFix = make(true);
  const found = await findings(byFix, ...doctor);
  if (found.length === 0) {
    if (isStricter) return;
    // What the doctor accepts, `up` accepts too.
    expect(await byFix.run(up(byFix))).toMatchObject({ status: 0, stderr: '' });
    expect([what, 'accepted', ...settingsWritten(byFix)]).toEqual([what, 'accepted']);
    return;
  }
  await fix(byFix, found);
  expect([what, 'fixed', ...ids(await findings(byFix, ...doctor))]).toEqual([what, 'fixed']);
  const byUp = make(true);
  expect(await byUp.run(up(byUp))).toMatchObject({ status: 0, stderr: '' });
  expect([what, 'up', ...ids(await findings(byUp, ...doctor))]).toEqual([what, 'up']);
}

/** Without ip_forward: the doctor looks at the interfaces that packets pass, and `up` has all of them forward. */
const settingsWritten = ({ performed }: SetupScene): string[] =>
  performed.filter(
    (change) => change.startsWith('write /proc/sys/') && !change.endsWith('/ip_forward'),
  );

const upTo = (greatest: number): number[] =>
  Array.from({ length: greatest + 1 }, (_, value) => value);

test.each([
  ['arp_ignore', 'global', 8],
  ['arp_ignore', 'link', 8],
  ['arp_ignore', 'host', 8],
  ['arp_announce', 'global', 3],
] as const)(
  '%s of a real server, with an address of scope %s: set-up and doctor agree on every value',
  async (name, scope, greatest) => {
    for (const all of upTo(greatest)) {
      for (const own of upTo(greatest)) {
        // The other one is right: what is found is about this one.
        const other = name === 'arp_ignore' ? { 'all/arp_announce': 2 } : { 'all/arp_ignore': 1 };
        // `up` sees to all interfaces, the doctor to those where clients ask.
        const each = { [`eth0/${name}`]: own, [`eth1/${name}`]: own };
        const values = { ...other, ...each, [`all/${name}`]: all };
        await expectLaw(`${name} all=${all} eth0=${own}`, {
          make: (isSetUp) => {
            const context = scene(values);
            return isSetUp ? addressed(context, 'lo', `${VIP}/32 ${scope}`) : context;
          },
          up: () => ['realserver', 'up', '--method', 'dr', '--vip', VIP],
          // A lax value of the interfaces that the greater one for all hides for now.
          isStricter: own > 2 && all > own,
          doctor: ['--vip', VIP],
        });
      }
    }
  },
);

test.each(['tunl0', 'lo'])(
  'rp_filter of a tunnel, with the address on %s: set-up and doctor agree on every value',
  async (device) => {
    for (const all of upTo(2)) {
      for (const own of upTo(2)) {
        await expectLaw(`rp_filter all=${all} tunl0=${own}`, {
          make: (isSetUp) => {
            const context = scene({ 'all/rp_filter': all, 'tunl0/rp_filter': own });
            context.ip.links.push({
              name: 'tunl0',
              up: isSetUp,
              addresses: [],
              openTunnel: 'ipip',
            });
            return isSetUp ? addressed(context, device, `${VIP}/32`) : context;
          },
          up: () => ['realserver', 'up', '--method', 'tun', '--vip', VIP, '--interface', device],
          doctor: ['--vip', VIP],
        });
      }
    }
  },
);

const SERVER = '192.0.2.12';
const oneArmed: PresetService = {
  service: { protocol: 'tcp', address: VIP, port: 80 },
  destinations: [
    { destination: { address: SERVER, port: 80 }, settings: { forwardingMethod: 'nat' } },
  ],
};

test.each(['eth0', 'all'])(
  'send_redirects and ip_forward of a one-armed director, with forwarding of %s: set-up and doctor agree on every value',
  async (scope) => {
    for (const all of upTo(1)) {
      for (const own of upTo(1)) {
        for (const forward of upTo(1)) {
          await expectLaw(`send_redirects all=${all} eth0=${own}, forward ${scope}=${forward}`, {
            make: (isSetUp) => {
              const values = { 'all/send_redirects': all, 'eth0/send_redirects': own };
              const context = scene(values, isSetUp ? [oneArmed] : []);
              const one = scope === 'all' ? forward : 1 - forward;
              const { files } = context.host;
              files.set('/proc/sys/net/ipv4/ip_forward', `${one}\n`);
              files.set(`${CONF}/eth0/forwarding`, `${forward}\n`);
              return isSetUp ? addressed(context, 'eth0', `${VIP}/32`) : context;
            },
            up: (context) => [
              ...['director', 'up'],
              context.rules([`-A -t ${VIP}:80`, `-a -t ${VIP}:80 -r ${SERVER}:80 -m`]),
            ],
            doctor: [],
          });
        }
      }
    }
  },
);

test.each(['eth0', 'lo'])(
  'a virtual address on %s that makes trouble there: after the fix the finding is gone',
  async (device) => {
    for (const all of upTo(8)) {
      for (const own of upTo(8)) {
        const place = device === 'lo' ? `${VIP}/24` : `${VIP}/32`;
        const values = { 'all/arp_ignore': all, 'eth0/arp_ignore': own };
        const context = addressed(scene(values), device, place);
        const found = await findings(context, '--vip', VIP);
        expect(ids(found)).toContain(device === 'lo' ? 'virtual-address-prefix' : 'arp-announces');
        await fix(context, found);
        expect([all, own, ...ids(await findings(context, '--vip', VIP))]).toEqual([all, own]);
      }
    }
  },
);
