import type { CallOptions } from '../../netlink/connection.js';
import { entriesIn } from '../../netlink/exchange.js';
import { RequestBatch } from '../../netlink/request-batch.js';
import { daemonState, decodeDaemon, encodeDaemon } from '../model/daemon.js';
import type { SyncDaemon, SyncDaemonInput, SyncDaemonState } from '../model/daemon.js';
import type { CommandAttributes } from '../wire/schema.js';
import type { FeatureDetection } from './feature-detection.js';
import type { Kernel } from './kernel.js';
import { addRequest } from './requests.js';

/** Starts a daemon; one that the kernel is too old for is stopped again. */
export async function startDaemon(
  kernel: Kernel,
  features: FeatureDetection,
  daemon: SyncDaemonInput,
  options: CallOptions | undefined,
): Promise<void> {
  const DAEMON = encodeDaemon(daemon);
  const facts = { operation: 'startSyncDaemon', command: 'NEW_DAEMON' } as const;
  await kernel.query({ ...facts, attributes: { DAEMON } }, options);
  const stop = () => stopDaemon(kernel, daemon.state, options);
  await features.checkDaemon(facts, DAEMON, stop, options);
}

/**
 * Stops a daemon. The kernel sends no reply if the daemon's thread was stopped before it first ran, which fails with EINTR
 * (net/netlink/af_netlink.c, netlink_rcv_skb). The reply to a second request shows that the first one is done.
 */
export async function stopDaemon(
  kernel: Kernel,
  state: SyncDaemonState,
  options: CallOptions | undefined,
): Promise<void> {
  const facts = { operation: 'stopSyncDaemon', command: 'DEL_DAEMON' } as const;
  const requests = new RequestBatch();
  addRequest(requests, { ...facts, attributes: { DAEMON: { STATE: daemonState(state) } } });
  addRequest(requests, { command: 'GET_INFO', attributes: {} });
  const [failure] = await kernel.batch(requests, facts, () => facts, options);
  if (failure !== undefined) throw failure.error;
}

/** The running daemons. */
export async function readDaemons(
  kernel: Kernel,
  features: FeatureDetection,
  options: CallOptions | undefined,
): Promise<SyncDaemon[]> {
  const read = ({ DAEMON }: CommandAttributes) => {
    if (DAEMON === undefined) return undefined;
    features.observeDaemon(DAEMON);
    return decodeDaemon(DAEMON);
  };
  const request = { operation: 'syncDaemons', command: 'GET_DAEMON', attributes: {} } as const;
  return entriesIn(await kernel.dump(request, read, options));
}
