import { InvalidArgumentError } from 'commander';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputFormats, quietOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { serversArgument } from './target-arguments.js';

const LONGEST_SECONDS = 604_800;
const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** Seconds: `300`, `5m`. @throws InvalidArgumentError */
function seconds(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const value = digits === '' ? NaN : Number(digits) * (UNITS[unit] ?? 1);
  if (value <= LONGEST_SECONDS) return value;
  throw new InvalidArgumentError(
    `It must be seconds from 0 to ${LONGEST_SECONDS}, or minutes or hours as 5m, 1h.`,
  );
}

const timeoutOption: OptionSpec<number> = {
  flags: '--timeout <seconds>',
  summary: 'how long to wait at most',
  initial: 300,
  shownDefault: '300',
  parse: seconds,
};

const serviceOption: OptionSpec<readonly string[]> = {
  flags: '--service <selector>',
  summary: 'drain it in this service alone; may be given more than once',
  initial: [],
  shownDefault: 'all that have it',
  completes: 'service',
  parse: (text, before) => [...before, text],
};

export const drain = defineVerb({
  path: ['drain'],
  summary: 'send no new clients to real servers, and wait until those they have are gone',
  arguments: [serversArgument],
  options: {
    service: serviceOption,
    timeout: timeoutOption,
    delete: flag('--delete', 'delete each server from its services once it is drained'),
    force: flag('--force', 'with --delete: delete it too when the time is over'),
    quiet: quietOption,
    ...outputFormats(['text', 'json', 'ndjson']),
  },
  notes: `The weight becomes 0. What it was is kept for ipvs undrain, and Ctrl-C gives it
back. Exit status: 0 drained, 1 the time is over; the weight stays 0 then.`,
  examples: [
    ['ipvs drain 10.0.0.2:8080'],
    ['ipvs drain 10.0.0.2:8080 --service web --timeout 10m', 'in one service'],
    ['ipvs drain 10.0.0.2:8080 --delete --force --timeout 60', 'and take it out'],
  ],
  overview: ['ipvs drain 10.0.0.2:8080', 'take out a server, cut nothing'],
  action: async () => (await import('../actions/drain.js')).drain,
});
