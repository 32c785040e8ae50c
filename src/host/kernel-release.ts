import type { Host } from './host.js';

/** The release of the running kernel: 6.1.0-18-amd64. Empty where /proc does not say. */
export async function kernelRelease(host: Host): Promise<string> {
  return (await host.read('/proc/sys/kernel/osrelease'))?.trim() ?? '';
}
