import type { ServiceEntry } from '../../ipvs/client/client.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { DestinationState } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceState } from '../../ipvs/model/service.js';
import { isFull } from '../../ipvs/model/overload.js';
import { CheckSkipped } from '../check.js';
import type { Check, Occurrence } from '../check.js';
import { firstOf } from '../../common/plural.js';
import type { CheckContext } from '../check-context.js';
import { editService } from '../fixes.js';

/** A scheduler or persistence engine, which is a module of its own. */
interface Part {
  readonly kind: 'scheduler' | 'persistence engine';
  readonly name: string;
  readonly option: string;
  readonly module: string;
  readonly services: string[];
}

export const schedulerMissing: Check = {
  id: 'scheduler-missing',
  severity: 'error',
  title: 'The rules file names a scheduler or a persistence engine that this kernel does not have',
  why: 'The kernel refuses the service when the rules are restored, also at boot: its clients are not served.',
  role: 'any',
  run: async (context) => {
    const working = new Set(
      partsOf((await context.ipvs.table()).map(({ service }) => service)).keys(),
    );
    const occurrences = [];
    for (const [module, part] of partsOf((await context.savedRules())?.services ?? [])) {
      if (working.has(module) || (await isThere(context, module))) continue;
      occurrences.push({
        evidence: `${part.kind} ${part.name}, for ${firstOf(part.services)}: there is no module ${module}`,
        fix: [
          `Change ${part.option} of ${firstOf(part.services)} in the rules file, or install a kernel that has ${module}.`,
        ],
      });
    }
    return occurrences;
  },
};

/** What services need, by the names of the modules. */
function partsOf(services: readonly ServiceState[]): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  const add = (part: Omit<Part, 'services'>, service: ServiceState): void => {
    const known = parts.get(part.module) ?? { ...part, services: [] };
    known.services.push(formatServiceId(service.id));
    parts.set(part.module, known);
  };
  for (const service of services) {
    const { scheduler: name, persistenceEngine: engine } = service.settings;
    add({ kind: 'scheduler', name, option: '-s', module: `ip_vs_${name}` }, service);
    if (engine === undefined) continue;
    const module = `ip_vs_pe_${engine}`;
    add({ kind: 'persistence engine', name: engine, option: '--pe', module }, service);
  }
  return parts;
}

async function isThere({ host }: CheckContext, module: string): Promise<boolean> {
  // No module has such a name, and modprobe might take it for a pattern.
  if (!/^\w+$/.test(module)) return false;
  if ((await host.list(`/sys/module/${module}`)).length > 0) return true;
  const said = await host.run('modprobe', ['-n', '-q', module]);
  if (said === undefined) {
    throw new CheckSkipped('The program modprobe is not installed: install the package kmod');
  }
  return said.status === 0;
}

/** Schedulers that choose by the client's address, and pick another real server only with the first flag. */
export const HASHES: readonly string[] = ['sh', 'mh'];

export const sourceHashRefuses: Check = {
  id: 'source-hash-refuses',
  severity: 'error',
  title: 'Clients that are hashed to a real server that is full or has weight 0 are refused',
  why:
    'The scheduler always picks the same real server for a client, and no other when that one accepts no connections. ' +
    'With its fallback flag, it picks another one then.',
  role: 'director',
  run: async (context) => (await context.ipvs.table()).flatMap(refusing),
};

function refusing({ service, destinations }: ServiceEntry): readonly Occurrence[] {
  const { scheduler, schedulerFlags } = service.settings;
  if (!HASHES.includes(scheduler) || schedulerFlags.includes(1)) return [];
  const closed = destinations.filter((one) => one.settings.weight === 0 || isFull(one));
  // If none is left, the flag does not help: that is a finding of its own.
  if (closed.length === 0 || closed.length === destinations.length) return [];
  return [
    {
      evidence: `${formatServiceId(service.id)}: ${scheduler} without ${scheduler}-fallback, ${firstOf(closed.map(whyClosed))}`,
      fix: [editService(service, { schedulerFlags: [1, ...schedulerFlags] })],
    },
  ];
}

function whyClosed({ id, ...one }: DestinationState): string {
  const { weight, upperThreshold } = one.settings;
  const why = weight === 0 ? 'weight 0' : `reached its upper threshold of ${upperThreshold}`;
  return `${formatDestinationId(id)} has ${why}`;
}
