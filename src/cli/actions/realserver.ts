import type { JsonRecord } from '../../common/json.js';
import { textOf, textsOf } from '../../common/json.js';
import { IpAddress } from '../../ipvs/model/address.js';
import { realServerSteps } from '../../setup/realserver-steps.js';
import type { Plan } from '../../setup/verbs.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { isMethod, methodNames } from '../options.js';
import type { Method } from '../options.js';
import type { VerbAction } from '../verb.js';
import { outcomeViews, readStatus, runDown, runUp, statusViews } from './role.js';
import type { ChangeOptions, RoleOutcome, RoleStatus } from './role.js';

/** `ipvs realserver`: this machine as a real server. */

const ROLE = 'realserver';

export const realServerUp: VerbAction<Given & ChangeOptions, RoleOutcome> = {
  run: async (context, given) => runUp(context, ROLE, planFor(given), given),
  ...outcomeViews,
};

export const realServerDown: VerbAction<ChangeOptions, RoleOutcome> = {
  run: (context, given) => runDown(context, ROLE, given),
  ...outcomeViews,
};

export const realServerStatus: VerbAction<Given, RoleStatus> = {
  run: (context, given) =>
    readStatus(context, ROLE, async (recorded) => {
      if (isAnythingGiven(given)) return planFor(given);
      const asked = askedFor(await recorded());
      return asked.method === undefined ? undefined : planFor(asked);
    }),
  ...statusViews,
};

interface Given {
  readonly method: Method | undefined;
  readonly vip: readonly IpAddress[];
  readonly interface: string | undefined;
  readonly gateway: readonly IpAddress[];
}

function isAnythingGiven({ method, vip, interface: device, gateway }: Given): boolean {
  return method !== undefined || device !== undefined || vip.length + gateway.length > 0;
}

function planFor(given: Given): Plan {
  const { method, vip: virtual, interface: device, gateway: gateways } = given;
  if (method === undefined) {
    throw new CliError(`Name the method too: --method ${methodNames.join('|')}`, exitStatus.usage);
  }
  const wanted = { method, virtual, interface: device, gateways };
  return {
    request: {
      method,
      vip: virtual.map(String),
      interface: device,
      gateway: gateways.map(String),
    },
    steps: (snapshot, planContext) => realServerSteps(snapshot, wanted, planContext),
  };
}

/** What `up` was asked for, as it has recorded it. */
function askedFor(recorded: JsonRecord = {}): Given {
  const { method } = recorded;
  const addresses = (key: string) =>
    textsOf(recorded[key]).flatMap((text) => IpAddress.tryParse(text) ?? []);
  return {
    method: isMethod(method) ? method : undefined,
    vip: addresses('vip'),
    interface: textOf(recorded['interface']),
    gateway: addresses('gateway'),
  };
}
