import { afterAll, beforeAll, inject } from 'vitest';
import { Lab, type Namespace } from '../lab/lab.js';
import './lab-setup.js';

/** The lab of the file that runs here, and how many `useLab` of it are at work. */
let taken: Promise<Lab> | undefined;
let users = 0;

/**
 * One of the run's labs, the file's alone while it runs, as modules and timing are a whole kernel's: `const lab =
 * useLab()` at the top of a test file, `lab()` in its tests.
 */
export function useLab(): () => Lab {
  let lab: Lab | undefined;
  beforeAll(async () => {
    users += 1;
    taken ??= Lab.connect(inject('labs'));
    lab = await taken;
  });
  afterAll(async () => {
    users -= 1;
    if (users > 0) return;
    taken = undefined;
    await lab?.close();
  });
  return () => ready(lab);
}

/**
 * A lab of the file's own, for what would take others along, such as unloading modules. It runs where one of the run's labs
 * is at rest meanwhile: a guest that shares its CPU with another is half as fast.
 */
export function useOwnLab(): () => Lab {
  const resting = useLab();
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await Lab.boot({ cpu: resting().cpu });
  });
  afterAll(() => lab?.close());
  return () => ready(lab);
}

/** A network namespace of the file's own, with empty IPVS tables: `const director = useNamespace()`. */
export function useNamespace(label = 'director', lab = useLab()): () => Namespace {
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
