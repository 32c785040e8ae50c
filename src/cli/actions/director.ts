import type { IpAddress } from '../../ipvs/model/address.js';
import { faultText } from '../../rules/parse-rules.js';
import { directorSteps } from '../../setup/director-steps.js';
import type { Plan } from '../../setup/verbs.js';
import { loadRulesFile } from '../../state/load-rules.js';
import type { LoadedRules } from '../../state/load-rules.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { Method } from '../options.js';
import type { VerbAction } from '../verb.js';
import { outcomeViews, readStatus, runDown, runUp, statusViews } from './role.js';
import type { ChangeOptions, RoleOutcome, RoleStatus } from './role.js';

/** `ipvs director`: this machine as a director. */

const ROLE = 'director';

export const directorUp: VerbAction<Given & ChangeOptions, RoleOutcome> = {
  run: async (context, given, [file = '']) =>
    runUp(context, ROLE, await planOf(context.session, file, given), given),
  ...outcomeViews,
};

export const directorDown: VerbAction<ChangeOptions, RoleOutcome> = {
  run: (context, given) => runDown(context, ROLE, given),
  ...outcomeViews,
};

export const directorStatus: VerbAction<Given, RoleStatus> = {
  run: async (context, given, [file = '']) => {
    const plan = await planOf(context.session, file, given);
    return readStatus(context, ROLE, () => Promise.resolve(plan));
  },
  ...statusViews,
};

interface Given {
  readonly method: Method | undefined;
  readonly vip: readonly IpAddress[];
  readonly interface: string | undefined;
}

async function planOf(session: Session, file: string, given: Given): Promise<Plan> {
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
