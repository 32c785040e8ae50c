import type { SchedulerFlag } from '../../ipvs/model/service.js';
import type { Word } from './option-values.js';
import { printable } from '../../common/printable.js';
import { RuleError } from '../rule-error.js';

/** The names of scheduler flags: three that go with any scheduler, and those with a meaning of their own. */
const flagNames: readonly {
  readonly name: string;
  readonly flag: SchedulerFlag;
  readonly scheduler?: string;
  readonly help: string;
}[] = [
  { name: 'flag-1', flag: 1, help: "the scheduler's first flag" },
  { name: 'flag-2', flag: 2, help: "the scheduler's second flag" },
  { name: 'flag-3', flag: 3, help: "the scheduler's third flag" },
  {
    name: 'sh-fallback',
    flag: 1,
    scheduler: 'sh',
    help: 'with sh, fall back to another server if the weight is 0',
  },
  { name: 'sh-port', flag: 2, scheduler: 'sh', help: "with sh, hash the client's port too" },
  {
    name: 'mh-fallback',
    flag: 1,
    scheduler: 'mh',
    help: 'with mh, fall back to another server if the weight is 0',
  },
  { name: 'mh-port', flag: 2, scheduler: 'mh', help: "with mh, hash the client's port too" },
];

/** The names for help and completion. */
export const schedulerFlagWords: readonly Word[] = flagNames.map(({ name, help, scheduler }) => ({
  word: name,
  help,
  ...(scheduler !== undefined && { scheduler }),
}));

/**
 * Reads a comma list of flag names; empty places in it do not count.
 * @param scheduler as it was given: the default is none of those with flags.
 * @throws RuleError when one is unknown, is another scheduler's, or there is none.
 */
export function readSchedulerFlags(text: string, scheduler: string | undefined): SchedulerFlag[] {
  const names = text.split(',').filter((name) => name !== '');
  const flags = (names.length === 0 ? [''] : names).map((name) => {
    const known = flagNames.find((line) => line.name === name);
    if (known === undefined) {
      throw new RuleError(`invalid scheduler flag \`${printable(name)}'`);
    }
    if (known.scheduler !== undefined && known.scheduler !== scheduler) {
      throw new RuleError(`incompatible scheduler flag \`${name}'`);
    }
    return known.flag;
  });
  return [...new Set(flags)];
}

/** The names of a service's flags in a listing. A flag that means nothing to sh and mh has no name there. */
export function listedFlags(scheduler: string, flags: readonly SchedulerFlag[]): string[] {
  const own = flagNames.some((line) => line.scheduler === scheduler) ? scheduler : undefined;
  return flags.flatMap(
    (flag) => flagNames.find((line) => line.flag === flag && line.scheduler === own)?.name ?? [],
  );
}

/** The names under which a service's flags are saved: every one has one, so that none is lost. */
export function savedFlags(scheduler: string, flags: readonly SchedulerFlag[]): string[] {
  return flags.map((flag) => listedFlags(scheduler, [flag])[0] ?? `flag-${flag}`);
}
