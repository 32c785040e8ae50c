import type { Host } from '../../host/host.js';
import type { Process } from '../../host/processes.js';
import type { Check, Occurrence } from '../check.js';

export const otherController: Check = {
  id: 'other-controller',
  severity: 'notice',
  title: 'Another program manages the IPVS table',
  why:
    'It makes the table match its own configuration: manual changes last until its next update, for example when a ' +
    'real server fails or recovers, or when it reloads or resyncs. Change its configuration instead.',
  role: 'director',
  run: async (context) => {
    const occurrences = new Map<string, Occurrence>();
    for (const program of await context.controllers()) {
      const file = await keeps[program.name]?.(program, context.host);
      // It may have several processes of one name: the first one is reported.
      if (file === undefined || occurrences.has(`${program.name} ${file}`)) continue;
      occurrences.set(`${program.name} ${file}`, {
        evidence: `${program.name} is running (PID ${program.id})`,
        fix: [`Edit ${file}.`],
      });
    }
    return [...occurrences.values()];
  },
};

/** Where a program that writes the table has its configuration; undefined if it does not write the table. */
type Keeper = (program: Process, host: Host) => Promise<string | undefined>;

const keeps: Readonly<Record<string, Keeper | undefined>> = {
  keepalived: async (program, host) => {
    const named = valueOf(program, ['-f', '--use-file']) ?? '/etc/keepalived/keepalived.conf';
    const file = await absolute(program, host, named);
    const text = await host.read(rooted(program, file));
    // A keepalived that only moves addresses does not write the table.
    const writes = text === undefined || /^\s*(?:virtual_server|include)/m.test(text);
    return writes ? file : undefined;
  },
  ldirectord: (program) => {
    const words = program.words.slice(1);
    const file = words.find((word) => word.startsWith('/') && !word.endsWith('ldirectord'));
    return Promise.resolve(file ?? '/etc/ha.d/ldirectord.cf');
  },
  'kube-proxy': async (program, host) => {
    const file = valueOf(program, ['--config']);
    const text = file === undefined ? '' : ((await host.read(rooted(program, file))) ?? '');
    const inFile = /^mode:\s*["']?(\w+)/m.exec(text)?.[1];
    const mode = inFile ?? valueOf(program, ['--proxy-mode']);
    return mode === 'ipvs' ? 'the Services of the cluster, with kubectl edit service' : undefined;
  },
  'kube-router': (program) => {
    const serves = valueOf(program, ['--run-service-proxy']) !== 'false';
    const where = 'the Services of the cluster, with kubectl edit service';
    return Promise.resolve(serves ? where : undefined);
  },
};

/** The path of a file that may be relative to the process's working directory. */
async function absolute({ id }: Process, host: Host, file: string): Promise<string> {
  if (file.startsWith('/')) return file;
  return `${(await host.link(`/proc/${id}/cwd`)) ?? ''}/${file}`;
}

/** The file as the process sees it: it may run in a container. */
function rooted({ id }: Process, file: string): string {
  return `/proc/${id}/root${file}`;
}

/** `--name VALUE`, `--name=VALUE`, `-nVALUE`. */
function valueOf({ words }: Process, names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    for (const name of names) {
      if (word === name) return words[index + 1];
      if (word.startsWith(`${name}=`)) return word.slice(name.length + 1);
      if (!name.startsWith('--') && word.startsWith(name)) return word.slice(name.length);
    }
  }
  return undefined;
}
