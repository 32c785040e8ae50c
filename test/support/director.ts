import { afterAll, beforeAll, inject } from 'vitest';
import { Lab, type Namespace } from '../lab/lab.js';
import './lab-setup.js';

/** The lab of the worker that runs this file. */
function labSocket(): string {
  const sockets = inject('labSockets');
  const worker = Number(process.env['VITEST_POOL_ID'] ?? 1);
  return sockets[(worker - 1) % sockets.length] ?? '';
}

/** The run's lab: `const lab = useLab()` at the top of a test file, `lab()` in its tests. */
export function useLab(): () => Lab {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await Lab.connect(labSocket());
  });
  afterAll(async () => {
    await lab?.close();
  });
  return () => ready(lab);
}

/** A network namespace of the file's own, with empty IPVS tables: `const director = useNamespace()`. */
export function useNamespace(label = 'director'): () => Namespace {
  const lab = useLab();
  let namespace: Namespace | undefined;
  beforeAll(async () => {
    namespace = await lab().namespace(label);
  });
  afterAll(async () => {
    await namespace?.close();
  });
  return () => ready(namespace);
}

function ready<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('the lab is for tests and hooks: call this inside one');
  return thing;
}
