import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';
import { PATIENCE_MS } from '../lab/patience.js';
import { folderOf, start, stop, write } from './programs.js';

/** Debian's keepalived on a director, and its configuration, one keyword per line as it wants it. */

export interface Instance {
  readonly name: string;
  readonly id: number;
  readonly role: 'MASTER' | 'BACKUP';
  /** Lines of `virtual_ipaddress`. */
  readonly addresses: readonly string[];
  /** How the directors hear of each other; by default once a second, with a password. */
  readonly adverts?: string;
}

const ADVERTS = `advert_int 1
    authentication {
        auth_type PASS
        auth_pass sixteen-letters.
    }`;

export function vrrpInstance(instance: Instance): string {
  const { name, id, role, addresses, adverts = ADVERTS } = instance;
  return `vrrp_instance ${name} {
    state ${role}
    interface eth0
    virtual_router_id ${id}
    priority ${role === 'MASTER' ? 100 : 90}
    ${adverts}
    virtual_ipaddress {
        ${addresses.join('\n        ')}
    }
}
`;
}

function realServer(address: string, connectTimeout: number): string {
  return `    real_server ${address} 80 {
        weight 1
        TCP_CHECK {
            connect_port 80
            connect_timeout ${connectTimeout}
            retry 3
            delay_before_retry 1
        }
    }
`;
}

/** Port 80 of an address by direct routing to 172.168.2.15 and .17, or to a page of the director's own. */
export function virtualServer(address: string): string {
  return `virtual_server ${address} 80 {
    delay_loop 1
    lb_algo rr
    lb_kind DR
    persistence_timeout 5
    protocol TCP
    sorry_server 127.0.0.1 80
${realServer('172.168.2.15', 2)}${realServer('172.168.2.17', 1)}}
`;
}

/** What it reads when it starts, and at SIGHUP. */
export async function configure(director: Namespace, configuration: string): Promise<void> {
  await write(director, 'conf', configuration);
}

/** Gives its process number. It logs to the file `log` of the namespace's folder. @param id which lines with `@` are for it. */
export async function startKeepalived(
  director: Namespace,
  configuration: string,
  id?: string,
): Promise<number> {
  await configure(director, configuration);
  const files = '-f conf -p main.pid -c checkers.pid -r vrrp.pid';
  const options = id === undefined ? files : `${files} -i ${id}`;
  return await start(director, `exec /usr/sbin/keepalived -n -l -D ${options}`, 'log');
}

/**
 * Ends it, and waits until its checkers have ended too: the process that was started waits for them a few seconds only, and
 * one that is just starting may miss the signal. What is left would keep the next keepalived from running.
 */
export async function stopKeepalived(director: Namespace, pid: number): Promise<void> {
  await stop(director, pid);
  const script = `for file in checkers.pid vrrp.pid; do
      pid=$(cat "$1/$file" 2>/dev/null) || continue
      grep -q keepalived "/proc/$pid/cmdline" 2>/dev/null && kill "$pid" && echo "$pid"
    done; true`;
  const left = async () =>
    (await director.run(['sh', '-c', script, 'sh', folderOf(director)])).stdout;
  await expect.poll(left, { timeout: PATIENCE_MS, interval: 500 }).toBe('');
}
