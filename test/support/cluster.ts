import { afterAll, beforeAll } from 'vitest';
import { Cluster } from '../lab/cluster.js';
import type { Lab } from '../lab/lab.js';

/** A cluster of the file's own: `const cluster = useCluster(lab, 3)` below `const lab = useLab()`. */
export function useCluster(lab: () => Lab, realServers: number): () => Cluster {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await Cluster.build(lab(), realServers);
  });
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });
  return () => {
    if (cluster === undefined) throw new Error('the cluster is for tests and hooks');
    return cluster;
  };
}
