import type { Command } from 'commander';
import { IpAddress } from '../../ipvs/model/address.js';
import type { JsonRecord } from '../../common/json.js';
import { textOf, textsOf } from '../../common/json.js';
import { cliStatus, CliError } from '../../terminal/cli-error.js';
import {
  addressesOption,
  describeVerb,
  dryRunOption,
  forgetOption,
  jsonOption,
  methodOption,
  METHODS,
  roleRun,
} from '../../setup/options.js';
import type { OnSelected, Method } from '../../setup/options.js';
import type { Plan } from '../../setup/verbs.js';

interface Options {
  readonly method?: Method;
  readonly vip?: readonly IpAddress[];
  readonly interface?: string;
  readonly gateway?: readonly IpAddress[];
  readonly dryRun?: boolean;
  readonly forget?: boolean;
  readonly json?: boolean;
}

/** `ipvs realserver`: this machine as a real server. */
export function describeRealServer(program: Command, onSelected: OnSelected): void {
  const role = program
    .command('realserver')
    .description('set this machine up as a real server, undo that, or see how it stands')
    .helpCommand(false);
  withOptions(
    describeVerb(role, 'up', 'settings, virtual addresses and routes, in this order', [
      'ipvs realserver up --method dr --vip 192.0.2.1',
      'ipvs realserver up --method tun --vip 192.0.2.1 --vip 2001:db8::1',
      'ipvs realserver up --method nat --gateway 10.0.0.1',
    ]),
    true,
  )
    .addOption(dryRunOption())
    .addOption(forgetOption())
    .action((options: Options) => {
      onSelected(async (session, place) => {
        const plan = await planOf(options);
        if (plan === undefined) return cliStatus.usage;
        return (await roleRun(session, 'realserver', place)).up(plan, options);
      });
    });
  describeVerb(role, 'down', 'bring back what up has found', ['ipvs realserver down'])
    .addOption(dryRunOption())
    .addOption(forgetOption())
    .addOption(jsonOption())
    .action((options: Options) => {
      onSelected(async (session, place) =>
        (await roleRun(session, 'realserver', place)).down(options),
      );
    });
  withOptions(
    describeVerb(role, 'status', 'ask the kernel; exit status 0: running, 3: not running', [
      'ipvs realserver status          of what up was asked for',
      'ipvs realserver status --method dr --vip 192.0.2.1',
    ]),
    false,
  ).action((options: Options) => {
    onSelected(async (session, place) => {
      const given = await planOf(options);
      const run = await roleRun(session, 'realserver', place);
      return run.status(
        async (recorded) => given ?? (await planOf(asked(await recorded()))),
        options,
      );
    });
  });
}

function withOptions(verb: Command, isRequired: boolean): Command {
  return verb
    .addOption(methodOption('how packets come from the director').makeOptionMandatory(isRequired))
    .addOption(addressesOption('--vip', 'a virtual address, with dr and tun'))
    .option('--interface <device>', 'what gets them (default: lo; with tun, tunl0 or ip6tnl0)')
    .addOption(addressesOption('--gateway', 'with nat: the address of the director on this net'))
    .addOption(jsonOption());
}

async function planOf(options: Options): Promise<Plan | undefined> {
  const { method, vip: virtual = [], interface: device, gateway: gateways = [] } = options;
  if (method === undefined) {
    if (virtual.length + gateways.length === 0 && device === undefined) return undefined;
    throw new CliError(`Name the method too: --method ${METHODS.join('|')}`, cliStatus.usage);
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
function asked(recorded: JsonRecord = {}): Options {
  const method = METHODS.find((one) => one === recorded['method']);
  const device = textOf(recorded['interface']);
  const addresses = (key: string) =>
    textsOf(recorded[key]).flatMap((text) => IpAddress.tryParse(text) ?? []);
  return {
    vip: addresses('vip'),
    gateway: addresses('gateway'),
    ...(method === undefined ? {} : { method }),
    ...(device === undefined ? {} : { interface: device }),
  };
}
