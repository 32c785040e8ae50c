import type { Operation } from '../ipvs/client/operations.js';
import { formatDestinationId } from '../ipvs/model/destination.js';
import {
  diff,
  extraDestinations,
  isSameDestination,
  isSameService,
  withOthers,
} from '../state/diff.js';
import { inRuleOrder, ruleOfServer, ruleOfService, rulesOf } from '../state/rule-text.js';
import type { WantedDestination, WantedService } from '../state/table.js';
import type { Change } from './changes.js';
import type { Resource } from './resources.js';
import { serviceFromRules } from './recorded-rules.js';
import type { SetupSnapshot } from './snapshot.js';
import type { Recorded, RecordedStep, ServiceStep, State } from './step.js';
import { revertedParts } from './three-way-merge.js';

/** A virtual service with its real servers. Its state is a value of the table; rules are for printing and the journal. */
export const service: Resource<ServiceStep> = {
  describe: ({ name, wanted }) => `service ${name}, ${servers(wanted.length - 1)}`,

  plan: async (step, recorded, snapshot) => {
    const current = (await snapshot.services()).get(step.name);
    const extra = current === undefined ? [] : extraDestinations(current, step.service);
    const record = extra.length === 0 ? undefined : recordedServers(recorded, snapshot);
    const others = extra.filter((server) => record?.isAdded(server) !== true);
    const target =
      others.length === 0 ? step.service : inRuleOrder(withOthers(step.service, others));
    const answered =
      record === undefined ? target : withOthers(step.service, others.filter(record.has));
    return {
      ...changeOf(step, current, target),
      applied: rulesOf(inRuleOrder(answered)),
      kept: others.map((server) => ruleOfServer(step.service.id, server)).sort(),
      back: false,
      left: [],
    };
  },

  revert: async ({ step, original, applied }, snapshot) => {
    const current = (await snapshot.services()).get(step.name);
    // It did not exist before: all of it goes, with the real servers that others have added.
    const { to, left } =
      original.length === 0 && applied.length > 0
        ? { to: undefined, left: [] }
        : revertedService(
            serviceFromRules(original, snapshot.names),
            serviceFromRules(applied, snapshot.names),
            current,
          );
    const change = changeOf(step, current, to);
    return { ...change, applied: change.to, kept: [], back: true, left };
  },

  status: async (step, snapshot) => {
    const current = (await snapshot.services()).get(step.name);
    if (current === undefined) return { well: false, note: 'not there' };
    const wanted = step.service.destinations.length;
    const present = wanted - extraDestinations(step.service, current).length;
    return {
      well: present > 0 || wanted === 0,
      note: `${present} of ${servers(wanted)}`,
    };
  },
};

function changeOf(
  step: RecordedStep,
  current: WantedService | undefined,
  target: WantedService | undefined,
): Pick<Change, 'step' | 'from' | 'to' | 'commands'> {
  const { changes, deletions } = diff(listOf(current), listOf(target));
  const operations: readonly Operation[] = [...changes, ...deletions];
  return {
    step,
    from: current === undefined ? [] : rulesOf(current),
    to: target === undefined ? [] : rulesOf(target),
    commands: operations.map((operation) => ({ operation })),
  };
}

const listOf = <T>(one: T | undefined): readonly T[] => (one === undefined ? [] : [one]);

const serverKey = ({ id }: WantedDestination): string => formatDestinationId(id);

/** Which real servers an earlier `up` found or added; undefined when there was none. */
function recordedServers(recorded: Recorded | undefined, { names }: SetupSnapshot) {
  if (recorded === undefined) return undefined;
  const keys = (rules: State) =>
    new Set(serviceFromRules(rules, names)?.destinations.map(serverKey));
  const [original, applied] = [keys(recorded.original), keys(recorded.applied)];
  return {
    has: (server: WantedDestination) =>
      original.has(serverKey(server)) || applied.has(serverKey(server)),
    isAdded: (server: WantedDestination) =>
      applied.has(serverKey(server)) && !original.has(serverKey(server)),
  };
}

/** The service as it was, with what others have changed since. */
function revertedService(
  original: WantedService | undefined,
  applied: WantedService | undefined,
  current: WantedService | undefined,
): { readonly to: WantedService | undefined; readonly left: State } {
  const own = revertedParts(
    { original: listOf(original), applied: listOf(applied), current: listOf(current) },
    () => '',
    (one, other) => isSameService(one.settings, other.settings),
  );
  const destinations = revertedParts(
    {
      original: original?.destinations ?? [],
      applied: applied?.destinations ?? [],
      current: current?.destinations ?? [],
    },
    serverKey,
    isSameDestination,
  );
  const [self] = own.to;
  // What stays of somebody else's is there now.
  const left =
    current === undefined ? [] : destinations.left.map((one) => ruleOfServer(current.id, one));
  return {
    to: self && inRuleOrder({ ...self, destinations: destinations.to }),
    left: [...own.left.map(ruleOfService), ...left],
  };
}

const servers = (count: number): string => `${count} real server${count === 1 ? '' : 's'}`;
