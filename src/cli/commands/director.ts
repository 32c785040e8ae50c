import type { IpAddress } from '../../ipvs/model/address.js';
import { faultText } from '../../rules/parse-rules.js';
import type { Plan } from '../../setup/verbs.js';
import { loadRulesFile } from '../../state/load-rules.js';
import type { LoadedRules } from '../../state/load-rules.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { ArgumentSpec } from '../option-spec.js';
import { addressesOption, interfaceOption, methodOption } from '../options.js';
import type { Method } from '../options.js';
import { changeOptions, outcomeViews, readStatus, runDown, runUp, statusViews } from '../role.js';
import { defineVerb } from '../verb.js';

/** `ipvs director`: this machine as a director. */

const ROLE = 'director';

const options = {
  method: methodOption('a forwarding method in addition to those of the real servers'),
  vip: addressesOption('--vip', 'a virtual address in addition to those of the services'),
  interface: interfaceOption(
    'interface for the virtual addresses (default: the one that routes to them)',
  ),
};

const argument: ArgumentSpec = {
  name: 'config',
  summary: 'a rules file, as ipvsadm-save writes it',
  isRequired: true,
  completes: 'file',
};

export const directorUp = defineVerb({
  path: [ROLE, 'up'],
  summary: 'apply sysctls, rules and virtual addresses, in this order',
  argument,
  options: { ...options, ...changeOptions },
  examples: [
    ['ipvs director up /etc/ipvsadm.rules --dry-run'],
    ['ipvs director up /etc/ipvsadm.rules --interface eth0'],
    ['ipvs director up marks.rules --vip 192.0.2.1 --vip 2001:db8::1'],
  ],
  overview: ['ipvs director up ./rules', 'make this machine a director'],
  run: async (context, given, [file = '']) =>
    runUp(context, ROLE, await planOf(context.session, file, given), given),
  ...outcomeViews,
});

export const directorDown = defineVerb({
  path: [ROLE, 'down'],
  summary: 'restore what up found',
  argument: {
    ...argument,
    summary: 'ignored: the journal of up says what to restore',
    isRequired: false,
  },
  options: changeOptions,
  examples: [['ipvs director down']],
  run: (context, given) => runDown(context, ROLE, given),
  ...outcomeViews,
});

export const directorStatus = defineVerb({
  path: [ROLE, 'status'],
  summary: 'check the kernel; exit status 0: running, 3: not running',
  argument,
  options,
  examples: [['ipvs director status /etc/ipvsadm.rules']],
  run: async (context, given, [file = '']) => {
    const plan = await planOf(context.session, file, given);
    return readStatus(context, ROLE, () => Promise.resolve(plan));
  },
  ...statusViews,
});

interface Given {
  readonly method: Method | undefined;
  readonly vip: readonly IpAddress[];
  readonly interface: string | undefined;
}

async function planOf(session: Session, file: string, given: Given): Promise<Plan> {
  const { directorSteps } = await import('../../setup/director-steps.js');
  const { method, vip: virtual, interface: device } = given;
  const rules = await rulesOf(session, file);
  const wanted = { rules, method, virtual, interface: device };
  return {
    request: { config: file, method, vip: virtual.map(String), interface: device },
    steps: (snapshot, planContext) => directorSteps(snapshot, wanted, planContext),
  };
}

async function rulesOf(session: Session, file: string): Promise<LoadedRules> {
  const loaded = await loadRulesFile(session.reading, file);
  const wrong = [...loaded.faults, ...loaded.contradictions].map(faultText);
  if (wrong.length > 0) {
    const next = `Nothing was changed. Fix ${file} and try again.`;
    throw new CliError([...wrong, next].join('\n'), exitStatus.usage);
  }
  if (loaded.services.length === 0) {
    throw new CliError(
      `${file} has no virtual services. To write one with those of the kernel: ipvsadm-save -n >${file}`,
      exitStatus.usage,
    );
  }
  return loaded;
}
