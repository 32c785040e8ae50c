/** A director under systemd with Debian's units, and somebody who types there what a guide says. */
import { expect } from 'vitest';
import { withoutTrailingBlanks } from '../../docs/markdown.js';
import type { Step } from '../../docs/markdown.js';
import type { Namespace } from '../../lab/namespace.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { Systemd } from '../../lab/systemd.js';
import { masked } from '../varying.js';

const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };

/** Where the folder of each machine is, by its address; the machine sees it as /srv. */
export const FOLDERS = '/run/site';
/** The project's commands are installed below it. */
const PREFIX = '/run/service/usr';
const AGENT_LOG = '/run/service/agent.log';
const PATH = `${PREFIX}/sbin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** What is typed again until it shows what is written, as it changes by itself. */
const LOOKS = /^(?:ipvs (?:status|diff|list|events)|ipvsadm -S|journalctl|grep .* \/var\/log)\b/;
/** A line of the agent's log: times are another each time. */
const LOG_TIME = /^\d{4}-\d\d-\d\dT[\d:]+Z /gm;
const comparable = (text: string): string =>
  masked(withoutTrailingBlanks(text)).replaceAll(LOG_TIME, 'TIME ');

/** docs/tracing.md */
const WRITE = /^IPVS \d+: request \d+ ((?:NEW|SET|DEL)_\w+|FLUSH|ZERO)/gm;

/**
 * `/etc` and others are copies of the guest's own, since its root is read-only. No unit waits for a machine that starts up.
 * `ssh ADDRESS COMMAND…` does on a real server what can be done with its files. Both agents log their requests.
 */
const PREPARED = `
  cp -a /etc /run/service/etc
  mount --bind /run/service/etc /etc
  mkdir -p ${PREFIX} /run/service/log /run/service/local /run/lock/subsys
  mount --bind /run/service/log /var/log
  mount --bind /run/service/local /usr/local/sbin
  mount -t tmpfs none /var/lib
  mount -t tmpfs none /root
  mkdir /run/systemd/system/service.d
  printf '[Unit]\\nDefaultDependencies=no\\n' >/run/systemd/system/service.d/lab.conf
  ${process.execPath} /run/service/package/bin/ipvs.js install --prefix ${PREFIX} >/dev/null
  ln -s ${PREFIX}/lib/systemd/system/ipvs-agent.service /etc/systemd/system/
  for unit in ipvs-agent ipvs-dry-run; do
    mkdir -p /run/systemd/system/$unit.service.d
    printf '[Service]\\nEnvironment=NODE_DEBUG=ipvs\\n' >/run/systemd/system/$unit.service.d/lab.conf
  done
  echo StandardError=append:${AGENT_LOG} >>/run/systemd/system/ipvs-agent.service.d/lab.conf
  cat >${PREFIX}/sbin/ssh <<'LINES'
#!/bin/sh
machine=$1; shift
exec unshare --mount sh -c 'mount --bind "$0" /srv && exec sh -c "$1"' "${FOLDERS}/$machine" "$*"
LINES
  chmod +x ${PREFIX}/sbin/ssh
  systemctl daemon-reload
  systemctl start systemd-journald
`;

export class DirectorShell {
  readonly #director: Namespace;

  private constructor(director: Namespace) {
    this.#director = director;
  }

  static async start(director: Namespace): Promise<DirectorShell> {
    const systemd = await Systemd.start(director, '/run/service/rules');
    await systemd.within(PREPARED);
    return new DirectorShell(director);
  }

  /** Runs a script as root, which must succeed. @returns what it prints. */
  async run(script: string): Promise<string> {
    const { code, stdout } = await this.#typed(`set -e\n${script}`);
    expect([code, stdout]).toEqual([0, stdout]);
    return stdout;
  }

  /** Types the lines; what they show must be what is written. */
  async type(steps: readonly Step[]): Promise<void> {
    for (const { command, output } of steps) {
      const written = [command, comparable(output)];
      const seen = async () => [command, comparable((await this.#typed(command)).stdout)];
      if (LOOKS.test(command)) await expect.poll(seen, PATIENCE).toEqual(written);
      else expect(await seen()).toEqual(written);
    }
  }

  /** The requests by which the agent has written to the table. */
  async writes(): Promise<string[]> {
    return writesIn(await this.run(`cat ${AGENT_LOG}`));
  }

  /** The same of the dry run. */
  async dryWrites(): Promise<string[]> {
    const log = await this.run('journalctl -u ipvs-dry-run -o cat');
    expect(log).toContain('GET_SERVICE');
    return writesIn(log);
  }

  #typed(line: string) {
    const words = 'exec nsenter -t "$(cat /run/service/pid)" -p -m bash';
    return this.#director.run(['sh', '-c', words], {
      stdin: `cd\nexec 2>&1\n${line}\n`,
      env: { PATH, HOME: '/root' },
      deadlineMs: PATIENCE_MS,
    });
  }
}

const writesIn = (log: string): string[] =>
  Array.from(log.matchAll(WRITE), ([, request = '']) => request);
