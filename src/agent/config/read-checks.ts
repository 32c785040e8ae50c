import { isRecord } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import { IpAddress } from '../../ipvs/model/address.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatEndpoint, formatServiceId, isMark } from '../../ipvs/model/service.js';
import { checkTypeFields, commonCheckFields } from '../../state/file/check-fields.js';
import type { CheckTypeName, CommonCheckValue } from '../../state/file/check-fields.js';
import { orInitial } from '../../state/file/kinds.js';
import type { Field, Fields } from '../../state/file/kinds.js';
import { differenceOf } from './check-key.js';
import type { CheckConfig, CheckRules, CheckTarget } from './config.js';
import { millisecondsOf } from './read-values.js';

/** Whose checks are read. */
export type CheckOwner = Pick<CheckTarget, 'service' | 'serviceName' | 'server'>;

/** What a check is for any server that has it. */
interface CommonCheck {
  readonly type: CheckTypeName;
  readonly rules: CheckRules;
  readonly settings: JsonRecord;
  readonly target: Pick<CheckTarget, 'source' | 'through' | 'timeoutMs'>;
  /** Undefined: the server's. */
  readonly address: IpAddress | undefined;
  readonly port: number | undefined;
}

interface KnownCheck extends CommonCheck {
  /** {@link differenceOf} it. */
  readonly difference: string;
}

/** Reads values of `check`, each only once: most servers have that of their service, or of all services. */
export class CheckReader {
  readonly #known = new Map<JsonRecord, KnownCheck>();

  /** @param value of the key `check`, in which no flaw was found. */
  read(value: unknown, owner: CheckOwner): readonly CheckConfig[] {
    const values = Array.isArray(value) ? value : [value];
    // `none` is no object.
    return values.filter(isRecord).map((one) => checkOf(this.#knownOf(one), owner));
  }

  #knownOf(value: JsonRecord): KnownCheck {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const check = commonOf(value);
    const standard = commonOf({ type: check.type });
    const added = { ...check, difference: differenceOf(factsOf(check), factsOf(standard)) };
    this.#known.set(value, added);
    return added;
  }
}

function commonOf(value: JsonRecord): CommonCheck {
  const { source, address, through, timeout, port }: CommonCheckValue = value;
  const type = value['type'] as CheckTypeName;
  return {
    type,
    rules: rulesOf(value),
    settings: settingsOf(checkTypeFields[type], value),
    target: {
      source: source === undefined ? undefined : IpAddress.parse(source),
      through: orInitial(commonCheckFields.through, through),
      timeoutMs: millisecondsOf(commonCheckFields.timeout, timeout),
    },
    address: address === undefined ? undefined : IpAddress.parse(address),
    port,
  };
}

function rulesOf(value: CommonCheckValue): CheckRules {
  const { interval, fastInterval, downInterval, rise, fall } = commonCheckFields;
  return {
    intervalMs: millisecondsOf(interval, value.interval),
    fastIntervalMs: millisecondsOf(fastInterval, value.fastInterval),
    downIntervalMs: millisecondsOf(downInterval, value.downInterval),
    rise: orInitial(rise, value.rise),
    fall: orInitial(fall, value.fall),
  };
}

/** The keys of its type alone, with what counts for those that are left out. */
function settingsOf(fields: Fields, value: JsonRecord): JsonRecord {
  const entries = Object.entries(fields).map(
    ([key, field]: [string, Field]) => [key, orInitial(field, value[key])] as const,
  );
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

/** What is to tell checks of one type apart, beside whom they ask. */
const factsOf = ({ rules, settings, target }: CommonCheck): JsonRecord => ({
  ...rules,
  ...target,
  ...settings,
});

function checkOf(check: KnownCheck, owner: CheckOwner): CheckConfig {
  const { type, rules, settings } = check;
  const { source, through, timeoutMs } = check.target;
  const { server, service, serviceName } = owner;
  const isByPath = through === 'path';
  // A service by mark has no address: the state is faulty unless the check has one.
  const usual = isByPath && !isMark(service) ? service : server;
  const address = check.address ?? usual.address;
  const port = check.port ?? usual.port;
  const words = [type, formatEndpoint(address, port)];
  // These ask something else for each server of each service, wherever they go.
  if (type === 'exec' || isByPath) {
    words.push(formatServiceId(service), formatDestinationId(server));
  }
  if (check.difference !== '') words.push(check.difference);
  return {
    key: words.join(' '),
    type,
    rules,
    settings,
    target: { source, through, timeoutMs, service, serviceName, server, address, port },
  };
}
