import type { Command } from 'commander';
import type { IpAddress } from '../../ipvs/model/address.js';
import { complainOf } from '../../rules/parse-rules.js';
import type { Session } from '../../terminal/session.js';
import { loadRulesFile } from '../../rules/load-rules.js';
import type { LoadedRules } from '../../rules/load-rules.js';
import { cliStatus, CliError } from '../../terminal/cli-error.js';
import {
  addressesOption,
  describeVerb,
  dryRunOption,
  forgetOption,
  jsonOption,
  methodOption,
  roleRun,
} from '../../setup/options.js';
import type { OnSelected, Method } from '../../setup/options.js';
import type { Plan } from '../../setup/verbs.js';

interface Options {
  readonly method?: Method;
  readonly vip?: readonly IpAddress[];
  readonly interface?: string;
  readonly dryRun?: boolean;
  readonly forget?: boolean;
  readonly json?: boolean;
}

/** `ipvs director`: this machine as a director. */
export function describeDirector(program: Command, onSelected: OnSelected): void {
  const role = program
    .command('director')
    .description('set this machine up as a director, undo that, or see how it stands')
    .helpCommand(false);
  withOptions(
    describeVerb(role, 'up', 'settings, rules and virtual addresses, in this order', [
      'ipvs director up /etc/ipvsadm.rules --dry-run',
      'ipvs director up /etc/ipvsadm.rules --interface eth0',
      'ipvs director up marks.rules --vip 192.0.2.1 --vip 2001:db8::1',
    ]),
  )
    .addOption(dryRunOption())
    .addOption(forgetOption())
    .action((file: string, options: Options) => {
      onSelected(async (session, place) => {
        const run = await roleRun(session, 'director', place);
        return run.up(await planOf(session, file, options), options);
      });
    });
  describeVerb(role, 'down', 'bring back what up has found', ['ipvs director down'])
    .argument('[config]', 'is not read: what up has done is on record')
    .addOption(dryRunOption())
    .addOption(forgetOption())
    .addOption(jsonOption())
    .action((_: string | undefined, options: Options) => {
      onSelected(async (session, place) =>
        (await roleRun(session, 'director', place)).down(options),
      );
    });
  withOptions(
    describeVerb(role, 'status', 'ask the kernel; exit status 0: running, 3: not running', [
      'ipvs director status /etc/ipvsadm.rules',
    ]),
  ).action((file: string, options: Options) => {
    onSelected(async (session, place) => {
      const plan = await planOf(session, file, options);
      return (await roleRun(session, 'director', place)).status(
        () => Promise.resolve(plan),
        options,
      );
    });
  });
}

function withOptions(verb: Command): Command {
  return verb
    .argument('<config>', 'a rules file, as ipvsadm-save writes it')
    .addOption(methodOption('a method beside those of the real servers'))
    .addOption(addressesOption('--vip', 'a virtual address beside those of the services'))
    .option('--interface <device>', 'what gets the virtual addresses (default: what leads to them)')
    .addOption(jsonOption());
}

async function planOf(session: Session, file: string, options: Options): Promise<Plan> {
  const { directorSteps } = await import('../../setup/director-steps.js');
  const { method, vip: virtual = [], interface: device } = options;
  const rules = await rulesOf(session, file);
  const wanted = { rules, method, virtual, interface: device };
  return {
    request: { config: file, method, vip: virtual.map(String), interface: device },
    steps: (snapshot, planContext) => directorSteps(snapshot, wanted, planContext),
  };
}

async function rulesOf(session: Session, file: string): Promise<LoadedRules> {
  const loaded = await loadRulesFile(session, file);
  const wrong = [...loaded.faults, ...loaded.contradictions];
  await complainOf(session, wrong);
  if (wrong.length > 0) {
    throw new CliError(`Nothing was changed. Fix ${file} and try again.`, cliStatus.usage);
  }
  if (loaded.services.length === 0) {
    throw new CliError(
      `${file} has no virtual services. To write one with those of the kernel: ipvsadm-save -n >${file}`,
      cliStatus.usage,
    );
  }
  return loaded;
}
