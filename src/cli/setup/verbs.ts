import type { JsonRecord } from '../../machine/json.js';
import { cliStatus, Problem } from '../problem.js';
import { Ascent } from './ascent.js';
import {
  changeFor,
  changesFor,
  checkInterruption,
  prepare,
  returnsOf,
  unwanted,
} from './changes.js';
import type { Change, Scene } from './changes.js';
import type { Journal } from './journal.js';
import { kinds } from './kinds.js';
import { lock } from './lock.js';
import { Look } from './look.js';
import { byStep } from './step.js';
import { takeBack } from './take-back.js';
import type { Recorded, Step } from './step.js';
import type { Circumstances } from './targets.js';

/** What `up` and `status` are asked for. */
export interface Plan {
  readonly request: JsonRecord;
  readonly steps: (look: Look, circumstances: Circumstances) => Promise<Step[]>;
}

/** What was done, or with a dry run would be. */
export interface Outcome {
  readonly changes: readonly Change[];
  /** What could not be done, each with its reason. */
  readonly failures: readonly string[];
  readonly status: number;
}

/** For who changes nothing. */
const onlyLook = ({ machine, session }: Scene): Look => new Look(machine, session, false);

export async function up(scene: Scene, { steps, request }: Plan): Promise<Outcome> {
  return await alone(scene, async () => {
    const before = await scene.file.read();
    const ascent = new Ascent(scene, before, request);
    const own = ownAddresses(before?.records ?? []);
    await ascent.run(await steps(onlyLook(scene), { strict: true, own }));
    return { changes: ascent.changes, failures: [], status: cliStatus.ok };
  });
}

function ownAddresses(records: readonly Recorded[]): ReadonlySet<string> {
  const own = records.filter(({ step, found }) => step.kind === 'address' && found.length === 0);
  return new Set(own.map(({ step }) => step.name));
}

/** What `up` would do. */
export async function tryUp(scene: Scene, { steps }: Plan): Promise<Outcome> {
  const look = onlyLook(scene);
  const records = (await scene.file.read())?.records ?? [];
  const wanted = await steps(look, { strict: true, own: ownAddresses(records) });
  const changes = await changesFor(wanted, byStep(records), look);
  const back = await returnsOf(unwanted(records, wanted), look);
  return { changes: [...changes, ...back], failures: [], status: cliStatus.ok };
}

/** @returns undefined when nothing is on record. */
export async function down(scene: Scene): Promise<Outcome | undefined> {
  // Who has nothing on record has nothing to lock, and maybe no folder.
  if ((await scene.file.read()) === undefined) return undefined;
  return await alone(scene, async () => {
    const journal = await scene.file.read();
    return journal && (await descend(scene, journal));
  });
}

async function descend(scene: Scene, journal: Journal): Promise<Outcome> {
  checkInterruption(scene);
  const interrupted = () => scene.signal?.aborted === true;
  const { changes, stayed, rest } = await takeBack(scene, journal.records, () => !interrupted());
  if (rest.length === 0) {
    await scene.file.remove();
    return { changes, failures: [], status: cliStatus.ok };
  }
  await scene.file.write({ ...journal, records: rest });
  const status = interrupted() ? Number(scene.signal?.reason) : cliStatus.failed;
  return { changes, failures: interrupted() ? [...stayed, 'Interrupted.'] : stayed, status };
}

export async function tryDown(scene: Scene): Promise<Outcome | undefined> {
  const journal = await scene.file.read();
  if (journal === undefined) return undefined;
  const look = onlyLook(scene);
  const changes = await returnsOf(journal.records.toReversed(), look);
  return { changes, failures: [], status: cliStatus.ok };
}

/** How a step stands. */
export interface Standing {
  readonly step: Step;
  readonly now: readonly string[];
  readonly right: boolean;
  readonly note: string | undefined;
}

export async function standings(scene: Scene, steps: Plan['steps']): Promise<Standing[]> {
  const look = onlyLook(scene);
  const all: Standing[] = [];
  const wanted = await steps(look, { strict: false, own: new Set() });
  await prepare(wanted, look);
  for (const step of wanted) {
    const kind = kinds[step.kind];
    const { from: now, commands } = await changeFor(step, undefined, look.unassuming());
    const status = kind.status?.(step, now);
    const right = status?.well ?? commands.length === 0;
    all.push({ step, now, right, note: status?.note });
  }
  return all;
}

/** Does something while no other process does the like. */
async function alone<T>(scene: Scene, work: () => Promise<T>): Promise<T> {
  if (scene.session.io.superuser === false) {
    throw new Problem('Only root may do this: try again with sudo.');
  }
  await scene.file.prepare();
  const release = await lock(scene.machine, scene.file.lock);
  try {
    return await work();
  } finally {
    await release();
    await scene.file.tidy();
  }
}
