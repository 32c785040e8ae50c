/** Configurations of the agent and of keepalived for the same servers, made by counting. */
import { dotted, serviceOf } from './rules.js';

/** Servers with one port, in services of so many each. */
export interface Farm {
  readonly port: number;
  readonly servers: number;
  readonly each: number;
}

export interface Rhythm {
  readonly intervalMs: number;
  readonly fastIntervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
}

/** The defaults of the agent. */
export const USUAL: Rhythm = { intervalMs: 2000, fastIntervalMs: 1000, timeoutMs: 2000, fall: 3 };

/** How long it takes at most until a server that refuses connections is held for dead. */
export const verdictMs = ({ intervalMs, fastIntervalMs, fall }: Rhythm): number =>
  intervalMs + (fall - 1) * fastIntervalMs;

/** 127.1.0.0: all of it is this machine. */
const FIRST_SERVER = 0x7f01_0000;

interface Service {
  readonly address: string;
  readonly servers: readonly { readonly address: string; readonly port: number }[];
}

function servicesOf(farms: readonly Farm[]): readonly Service[] {
  const services: Service[] = [];
  let servers = 0;
  for (const { port, servers: count, each } of farms) {
    for (let from = 0; from < count; from += each) {
      services.push({
        address: serviceOf(services.length).replace(/:.*/, ''),
        servers: Array.from({ length: Math.min(each, count - from) }, () => ({
          address: dotted(FIRST_SERVER + servers++),
          port,
        })),
      });
    }
  }
  return services;
}

/** A state file. */
export function agentFile(farms: readonly Farm[], rhythm: Rhythm): string {
  const { intervalMs, fastIntervalMs, timeoutMs, fall } = rhythm;
  const check = `{type: tcp, interval: ${intervalMs}ms, fastInterval: ${fastIntervalMs}ms, timeout: ${timeoutMs}ms, fall: ${fall}}`;
  const services = servicesOf(farms).map(
    ({ address, servers }) => `  - service: tcp:${address}:80
    servers:
${servers.map((one) => `      - ${one.address}:${one.port}\n`).join('')}`,
  );
  // Half of the servers die: that none is left in a service is not what is measured.
  return `defaults:\n  check: ${check}\n  failOpen: never\nservices:\n${services.join('')}`;
}

/** keepalived.conf. Servers that fail keep their places, with weight 0, as those of the agent do. */
export function keepalivedFile(farms: readonly Farm[], rhythm: Rhythm): string {
  const seconds = (milliseconds: number) => milliseconds / 1000;
  const server = ({ address, port }: Service['servers'][number]) => `
    real_server ${address} ${port} {
        weight 1
        inhibit_on_failure
        TCP_CHECK {
            connect_timeout ${seconds(rhythm.timeoutMs)}
            retry ${rhythm.fall - 1}
            delay_before_retry ${seconds(rhythm.fastIntervalMs)}
        }
    }`;
  return servicesOf(farms)
    .map(
      ({ address, servers }) => `virtual_server ${address} 80 {
    delay_loop ${seconds(rhythm.intervalMs)}
    lb_algo wlc
    lb_kind NAT
    protocol TCP${servers.map(server).join('')}
}
`,
    )
    .join('');
}
