import { rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRecord, jsonObjectIn, recordsOf, textOf, textsOf } from '../common/json.js';
import type { JsonRecord } from '../common/json.js';
import type { HostSnapshot } from '../host/snapshot.js';
import { readFileIfExists } from '../common/read-if-exists.js';
import { CliError, withContext } from '../terminal/cli-error.js';
import { replaceFile } from '../host/replace-file.js';
import { makeRunFolder, runFolderOf } from '../host/run-folder.js';
import { STEP_KINDS } from './step.js';
import type { Recorded } from './step.js';

export type Role = 'director' | 'realserver';

/** What `up` has changed, for `down`. */
export interface Journal {
  /** The options of `up`, for a status without options. */
  readonly request: JsonRecord;
  /** In the order of the changes. */
  readonly records: readonly Recorded[];
}

const VERSION = 1;

/** Where the journal of a role is kept: a network namespace has its own, though they may share the folder. */
export class JournalFile {
  readonly path: string;
  readonly lock: string;
  readonly #machine: HostSnapshot;
  readonly #role: Role;

  private constructor(machine: HostSnapshot, folder: string, role: Role) {
    this.#machine = machine;
    this.#role = role;
    this.path = join(folder, `${role}.json`);
    this.lock = join(folder, `${role}.lock`);
  }

  static async of(
    machine: HostSnapshot,
    state: string | undefined,
    role: Role,
  ): Promise<JournalFile> {
    const folder = await runFolderOf(machine.host, state);
    return new JournalFile(machine, folder, role);
  }

  async prepare(): Promise<void> {
    await makeRunFolder(dirname(this.path));
  }

  /**
   * @param forget whether a journal of another network namespace counts as none.
   * @throws CliError when it is damaged, or of another network namespace: the original states would be lost.
   */
  async read({ forget = false } = {}): Promise<Journal | undefined> {
    const recorded = await this.#load();
    if (recorded === undefined) return undefined;
    if (await this.#isHere(recorded.origin)) return recorded.journal;
    if (forget) return undefined;
    throw new CliError(
      `Nothing was changed. ${this.path} is of a network namespace that had this one's number before: none of its ` +
        `interfaces is here (${recorded.origin.links.join(', ')}).\n` +
        `If that is so, have it moved aside: ipvs ${this.#role} down --forget`,
    );
  }

  /** Moves a journal of another network namespace out of the way. @returns where it is now; undefined when it was none. */
  async setAside(): Promise<string | undefined> {
    const recorded = await this.#load();
    if (recorded === undefined || (await this.#isHere(recorded.origin))) return undefined;
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const aside = `${this.path}.stale-${time}`;
    await withContext(`Cannot move ${this.path}`, rename(this.path, aside));
    return aside;
  }

  /** What is on record since this machine was started, whatever network namespace it is of. */
  async #load(): Promise<RecordedJournal | undefined> {
    const text = await withContext(`Cannot read ${this.path}`, readFileIfExists(this.path));
    if (text === undefined) return undefined;
    const recorded = journalIn(text);
    if (recorded === undefined) {
      throw new CliError(
        `Nothing was changed. ${this.path}, which records the state before up, is damaged.\n` +
          'Fix it, or undo by hand what up has changed and delete it.',
      );
    }
    return recorded.origin.boot === (await this.#boot()) ? recorded : undefined;
  }

  async write(journal: Journal): Promise<void> {
    const links = await this.#cards();
    const boot = await this.#boot();
    const records = journal.records.map(recordText);
    const kept = { version: VERSION, boot, links, request: journal.request, records };
    const text = JSON.stringify(kept, undefined, 1);
    await withContext(`Cannot write ${this.path}`, replaceFile(this.path, `${text}\n`, 0o600));
  }

  async remove(): Promise<void> {
    await withContext(`Cannot delete ${this.path}`, rm(this.path, { force: true }));
  }

  /** The folder goes when nothing is in it. */
  async tidy(): Promise<void> {
    await rmdir(dirname(this.path)).catch(() => undefined);
  }

  async #boot(): Promise<string> {
    return (await this.#machine.sysctl(BOOT)) ?? '';
  }

  /** The network cards, which tell one network namespace from another. */
  async #cards(): Promise<string[]> {
    const links = await this.#machine.links();
    const cards = links.filter(
      ({ mac = '' }) => /^(?:[\da-f]{2}:){5}/.test(mac) && !/^[0:]+$/.test(mac),
    );
    return cards.map(({ name, mac = '' }) => `${name} ${mac}`);
  }

  /**
   * The number of a network namespace that is gone is given to another one, where nothing must be brought back. Nothing
   * else that a process can read tells the two apart, and cards may be replaced too: only the administrator knows.
   */
  async #isHere({ links }: Origin): Promise<boolean> {
    if (links.length === 0) return true;
    const present = await this.#cards();
    return links.some((link) => present.includes(link));
  }
}

const BOOT = 'kernel/random/boot_id';

interface Origin {
  readonly boot: string;
  /** The network cards at that time, with their hardware addresses. */
  readonly links: readonly string[];
}

interface RecordedJournal {
  readonly journal: Journal;
  readonly origin: Origin;
}

function journalIn(text: string): RecordedJournal | undefined {
  const read = jsonObjectIn(text);
  if (read?.['version'] !== VERSION || !isRecord(read['request'])) return undefined;
  const boot = textOf(read['boot']);
  const given = read['records'];
  const records = recordsOf(given).map(recordIn);
  if (boot === undefined || !Array.isArray(given) || given.length !== records.length)
    return undefined;
  if (!records.every((one) => one !== undefined)) return undefined;
  const origin = { boot, links: textsOf(read['links']) };
  return { journal: { request: read['request'], records }, origin };
}

/** A record as the journal keeps it: its keys do not change, for `down` of a later version reads them. */
function recordText({ step, original, applied }: Recorded): JsonRecord {
  const { kind, name, wanted, also } = step;
  return { step: { kind, name, wanted, also }, found: original, set: applied };
}

function recordIn({ step, found, set }: JsonRecord): Recorded | undefined {
  if (!isRecord(step) || !Array.isArray(found) || !Array.isArray(set)) return undefined;
  const kind = STEP_KINDS.find((one) => one === step['kind']);
  const name = textOf(step['name']);
  if (kind === undefined || name === undefined || !Array.isArray(step['wanted'])) return undefined;
  const wanted = textsOf(step['wanted']);
  const also = step['also'] === undefined ? {} : { also: textsOf(step['also']) };
  return { step: { kind, name, wanted, ...also }, original: textsOf(found), applied: textsOf(set) };
}
