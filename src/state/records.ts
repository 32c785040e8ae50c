import { numberOf, jsonObjectIn, recordsOf, textOf } from '../common/json.js';

/** What the kernel's table cannot hold, kept beside it for as long as the machine runs. Keys are texts of ids. */
export interface TableRecords {
  /** By service: who has made it, and what a state file calls it. */
  readonly services: ReadonlyMap<string, ServiceRecord>;
  /** By service, then real server: the weight from before a drain. */
  readonly drained: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface ServiceRecord {
  /** Undefined: nobody that is known. */
  readonly owner?: string;
  readonly name?: string;
}

export const noRecords: TableRecords = { services: new Map(), drained: new Map() };

const VERSION = 1;

/** The records as the text of a file. */
export function formatRecords({ services, drained }: TableRecords): string {
  const kept = {
    version: VERSION,
    services: Array.from(services, ([service, record]) => ({ service, ...record })),
    drained: Array.from(drained).flatMap(([service, weights]) =>
      Array.from(weights, ([server, weight]) => ({ service, server, weight })),
    ),
  };
  return `${JSON.stringify(kept, undefined, 1)}\n`;
}

/** @returns undefined when the text is no such file: it is damaged, or of a later version. */
export function parseRecords(text: string): TableRecords | undefined {
  const read = jsonObjectIn(text);
  if (read?.['version'] !== VERSION) return undefined;
  const services = new Map<string, ServiceRecord>();
  for (const { service, owner, name } of recordsOf(read['services'])) {
    const [ownerText, nameText] = [textOf(owner), textOf(name)];
    const known = {
      ...(ownerText !== undefined && { owner: ownerText }),
      ...(nameText !== undefined && { name: nameText }),
    };
    if (typeof service === 'string') services.set(service, known);
  }
  const drained = new Map<string, Map<string, number>>();
  for (const { service, server, weight } of recordsOf(read['drained'])) {
    const known = numberOf(weight);
    if (typeof service !== 'string' || typeof server !== 'string' || known === undefined) continue;
    const weights = drained.get(service) ?? new Map<string, number>();
    drained.set(service, weights.set(server, known));
  }
  return { services, drained };
}
