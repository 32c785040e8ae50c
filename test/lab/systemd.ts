import { join } from 'node:path';
import { LabError } from './errors.js';
import { ourCommand, testsExecutable } from './our-commands.js';
import type { Namespace } from './namespace.js';
import { projectFolder } from './project.js';
import type { CommandResult } from './protocol.js';

/** Where everything of a system manager in the guest is; its root is read-only. */
const FOLDER = '/run/service';

/**
 * A system manager (systemd) in a namespace of the guest, with a copy of this package: a unit's sandbox hides /tmp,
 * where a clone may be.
 */
export class Systemd {
  readonly #namespace: Namespace;
  /** The folder of the package's copy. */
  readonly package = join(FOLDER, 'package');

  private constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** @param rules a file that its services see as /etc/ipvsadm.rules. */
  static async start(namespace: Namespace, rules: string): Promise<Systemd> {
    const systemd = new Systemd(namespace);
    await systemd.#run(startScript(rules));
    return systemd;
  }

  /**
   * Gives it a unit file, with settings of the lab's own beside: nothing else of a machine is there to start.
   * @param settings further lines of its section Service; without `'`.
   */
  async add(unit: string, settings: readonly string[] = []): Promise<void> {
    const further = settings.map((line) => `'${line}'`).join(' ');
    await this.#run(`
      ln -s ${unit} /run/systemd/system/
      folder=/run/systemd/system/$(basename ${unit}).d
      mkdir $folder
      printf '%s\\n' '[Unit]' DefaultDependencies=no '[Service]' \\
        StandardOutput=append:${FOLDER}/output StandardError=append:${FOLDER}/output ${further} >$folder/lab.conf`);
    await this.systemctl('daemon-reload');
  }

  systemctl(...words: readonly string[]): Promise<CommandResult> {
    const line = `nsenter -t $(cat ${FOLDER}/pid) -p -m systemctl ${words.join(' ')}`;
    return this.#namespace.run(['sh', '-c', line]);
  }

  /** Runs a script beside its services, with the mounts that they see. */
  within(script: string): Promise<string> {
    return this.#run(`nsenter -t $(cat ${FOLDER}/pid) -p -m sh -e <<'END'\n${script}\nEND`);
  }

  /** What services have said since the last call. */
  async said(): Promise<string> {
    return this.#run(`cat ${FOLDER}/output; : >${FOLDER}/output`);
  }

  async #run(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.#namespace.run(['sh', '-e'], { stdin: script });
    if (code !== 0) throw new LabError(`systemd in the lab: ${stderr}`);
    return stdout;
  }
}

/**
 * Puts the single executable into /usr/sbin. That is read-only, so a folder of links takes its place. Done before /tmp is
 * hidden, since the executable may be there.
 */
const installExecutable = `
    mkdir ${FOLDER}/sbin
    mount --bind /usr/sbin ${FOLDER}/sbin
    mount -t tmpfs none /usr/sbin
    ln -s ${FOLDER}/sbin/* /usr/sbin
    : >/usr/sbin/ipvs
    mount --bind ${ourCommand('ipvs').join(' ')} /usr/sbin/ipvs
    for name in ipvsadm ipvsadm-save ipvsadm-restore; do ln -sf ipvs /usr/sbin/$name; done`;

const startScript = (rules: string): string => `
  mkdir -p /run/systemd/system ${FOLDER}/package/node_modules
  : >${FOLDER}/output
  : >${rules}
  printf '[Unit]\\nDefaultDependencies=no\\n' >/run/systemd/system/lab.target
  cd ${projectFolder}
  cp -r package.json bin dist systemd ${FOLDER}/package
  for name in netlink node-gyp-build commander yaml; do
    if [ -e node_modules/$name ]; then cp -r node_modules/$name ${FOLDER}/package/node_modules; fi
  done
  mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
  cat >${FOLDER}/init <<'END'
    ${testsExecutable ? installExecutable : ''}
    mount -t tmpfs none /tmp
    mount -t tmpfs none /var/tmp
    mount --bind ${rules} /etc/ipvsadm.rules
    exec /lib/systemd/systemd --system --unit=lab.target --log-target=kmsg
END
  cd /
  # One that ran in this guest before may have left its own.
  rm -f /run/systemd/private
  container=lab setsid unshare --fork --pid --mount --mount-proc --propagation private \\
    sh ${FOLDER}/init >/dev/null 2>&1 </dev/null &
  parent=$!
  # Here once it answers.
  until [ -S /run/systemd/private ]; do
    kill -0 $parent
    sleep 0.1
  done
  until pgrep -P $parent >${FOLDER}/pid; do
    kill -0 $parent
    sleep 0.1
  done
  until nsenter -t $(cat ${FOLDER}/pid) -p -m systemctl is-active -q lab.target; do sleep 0.1; done
`;
