import type { JsonRecord } from '../../common/json.js';
import { textOf, textsOf } from '../../common/json.js';
import { IpAddress } from '../../ipvs/model/address.js';
import type { Plan } from '../../setup/verbs.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import {
  addressesOption,
  interfaceOption,
  isMethod,
  methodNames,
  methodOption,
} from '../options.js';
import type { Method } from '../options.js';
import { changeOptions, outcomeViews, readStatus, runDown, runUp, statusViews } from '../role.js';
import { defineVerb } from '../verb.js';

/** `ipvs realserver`: this machine as a real server. */

const ROLE = 'realserver';

const options = {
  method: methodOption('how the director forwards packets'),
  vip: addressesOption('--vip', 'a virtual address, with dr and tun'),
  interface: interfaceOption('interface for them (default: lo; with tun, tunl0 or ip6tnl0)'),
  gateway: addressesOption('--gateway', 'with nat: the address of the director on this network'),
};

export const realServerUp = defineVerb({
  path: [ROLE, 'up'],
  summary: 'apply sysctls, virtual addresses and routes, in this order',
  options: { ...options, method: { ...options.method, isRequired: true }, ...changeOptions },
  examples: [
    ['ipvs realserver up --method dr --vip 192.0.2.1'],
    ['ipvs realserver up --method tun --vip 192.0.2.1 --vip 2001:db8::1'],
    ['ipvs realserver up --method nat --gateway 10.0.0.1'],
  ],
  run: async (context, given) => runUp(context, ROLE, await planFor(given), given),
  ...outcomeViews,
});

export const realServerDown = defineVerb({
  path: [ROLE, 'down'],
  summary: 'restore what up found',
  options: changeOptions,
  examples: [['ipvs realserver down']],
  run: (context, given) => runDown(context, ROLE, given),
  ...outcomeViews,
});

export const realServerStatus = defineVerb({
  path: [ROLE, 'status'],
  summary: 'check the kernel; exit status 0: running, 3: not running',
  options,
  examples: [
    ['ipvs realserver status', 'what up was asked for'],
    ['ipvs realserver status --method dr --vip 192.0.2.1'],
  ],
  run: async (context, given) =>
    readStatus(context, ROLE, async (recorded) => {
      if (isAnythingGiven(given)) return planFor(given);
      const asked = askedFor(await recorded());
      return asked.method === undefined ? undefined : planFor(asked);
    }),
  ...statusViews,
});

interface Given {
  readonly method: Method | undefined;
  readonly vip: readonly IpAddress[];
  readonly interface: string | undefined;
  readonly gateway: readonly IpAddress[];
}

function isAnythingGiven({ method, vip, interface: device, gateway }: Given): boolean {
  return method !== undefined || device !== undefined || vip.length + gateway.length > 0;
}

async function planFor(given: Given): Promise<Plan> {
  const { method, vip: virtual, interface: device, gateway: gateways } = given;
  if (method === undefined) {
    throw new CliError(`Name the method too: --method ${methodNames.join('|')}`, exitStatus.usage);
  }
  const { realServerSteps } = await import('../../setup/realserver-steps.js');
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
