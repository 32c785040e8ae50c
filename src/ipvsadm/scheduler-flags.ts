import type { SchedulerFlag } from '../ipvs/service.js';
import { printable, UsageError } from './usage-error.js';

/** The names of scheduler flags: three that go with any scheduler, and those with a meaning of their own. */
const flagNames: readonly {
  readonly name: string;
  readonly flag: SchedulerFlag;
  readonly scheduler?: string;
}[] = [
  { name: 'flag-1', flag: 1 },
  { name: 'flag-2', flag: 2 },
  { name: 'flag-3', flag: 3 },
  { name: 'sh-fallback', flag: 1, scheduler: 'sh' },
  { name: 'sh-port', flag: 2, scheduler: 'sh' },
  { name: 'mh-fallback', flag: 1, scheduler: 'mh' },
  { name: 'mh-port', flag: 2, scheduler: 'mh' },
];

/**
 * Reads a comma list of flag names; empty places in it do not count.
 * @param scheduler as it was given: the default is none of those with flags.
 * @throws UsageError when one is unknown, is another scheduler's, or there is none.
 */
export function readSchedulerFlags(text: string, scheduler: string | undefined): SchedulerFlag[] {
  const names = text.split(',').filter((name) => name !== '');
  const flags = (names.length === 0 ? [''] : names).map((name) => {
    const known = flagNames.find((line) => line.name === name);
    if (known === undefined) {
      throw new UsageError(`invalid scheduler flag \`${printable(name)}'`);
    }
    if (known.scheduler !== undefined && known.scheduler !== scheduler) {
      throw new UsageError(`incompatible scheduler flag \`${name}'`);
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
