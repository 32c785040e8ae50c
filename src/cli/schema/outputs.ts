/** The definitions of what a verb prints: of its JSON, and of each line of its NDJSON. */
export interface VerbOutput {
  readonly json: string;
  readonly ndjson?: string;
}

/** By the names of verbs: each that has `-o json` is here. */
export const outputs: Readonly<Record<string, VerbOutput>> = {
  list: { json: 'list', ndjson: 'listLine' },
  connections: { json: 'connections', ndjson: 'connectionLine' },
  stats: { json: 'stats', ndjson: 'statsLine' },
  export: { json: 'stateFile' },
  import: { json: 'stateFile' },
  diff: { json: 'diff' },
  apply: { json: 'apply' },
  set: { json: 'changes' },
  add: { json: 'changes' },
  delete: { json: 'delete' },
  drain: { json: 'drain', ndjson: 'drainLine' },
  undrain: { json: 'changes' },
  'director up': { json: 'setUp' },
  'director down': { json: 'setUp' },
  'director status': { json: 'setUpStatus' },
  'realserver up': { json: 'setUp' },
  'realserver down': { json: 'setUp' },
  'realserver status': { json: 'setUpStatus' },
  'agent reload': { json: 'reload' },
  status: { json: 'agentStatus' },
  events: { json: 'events', ndjson: 'event' },
  'maintenance on': { json: 'maintenance' },
  'maintenance off': { json: 'maintenance' },
  doctor: { json: 'doctor' },
};
