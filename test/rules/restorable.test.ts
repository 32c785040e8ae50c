/** What a save warns of, and what the parser refuses, are the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceEntry } from '../../src/ipvs/client/client.js';
import { defaultDestinationSettings } from '../../src/ipvs/model/destination.js';
import type { Destination, DestinationSettings } from '../../src/ipvs/model/destination.js';
import type { ServiceSettings } from '../../src/ipvs/model/service.js';
import { numericNaming } from '../../src/rules/format-endpoint.js';
import { destinationRule, serviceRule } from '../../src/rules/format-rules.js';
import { INT_MAX, TIMEOUT_MAX } from '../../src/rules/grammar/options.js';
import { NameCache } from '../../src/rules/names.js';
import { parse } from '../../src/rules/parse.js';
import { destinationFault, serviceFault } from '../../src/rules/restorable.js';
import { arbitraryTable } from '../support/arbitrary-table.js';
import { command, noNames } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const names = new NameCache(noNames);

/** What the parser says of a rule; undefined when it takes it. */
function complaintOf(rule: string): string | undefined {
  const parsed = parse(rule.split(' '), names);
  return parsed.kind === 'error' ? parsed.error.message : undefined;
}

const seconds = fc.constantFrom(0, 1, TIMEOUT_MAX, TIMEOUT_MAX + 1, 2 ** 32 - 1);
const threshold = fc.constantFrom(0, 1, INT_MAX, INT_MAX + 1, 2 ** 32 - 1);

/** Settings that only netlink can make, put in the place of some of a table's. */
const oddService: fc.Arbitrary<(settings: ServiceSettings) => ServiceSettings> = fc
  .record({ timeoutSeconds: seconds, onePacket: fc.boolean(), isPersistent: fc.boolean() })
  .map(({ timeoutSeconds, onePacket, isPersistent }) => (settings) => ({
    ...settings,
    onePacket,
    persistence: isPersistent ? { ...settings.persistence, timeoutSeconds } : undefined,
  }));
const oddServer: fc.Arbitrary<(settings: DestinationSettings) => DestinationSettings> = fc
  .record({ upperThreshold: threshold, lowerThreshold: threshold })
  .map((thresholds) => (settings) => ({ ...settings, ...thresholds }));

const oddTable: fc.Arbitrary<readonly ServiceEntry[]> = fc
  .tuple(arbitraryTable, oddService, oddServer)
  .map(([table, odd, oddOne]) =>
    table.map(({ service, destinations }) => ({
      service: { ...service, settings: odd(service.settings) },
      destinations: destinations.map((one) => ({ ...one, settings: oddOne(one.settings) })),
    })),
  );

describe.each([
  ['a table that command lines can make', arbitraryTable],
  ['a table that only netlink can make', oddTable],
])('of %s', (_what, tables) => {
  test('the check says what the parser says of each rule', () => {
    fc.assert(
      fc.property(tables, (table) => {
        for (const { service, destinations } of table) {
          expect(serviceFault(service)).toBe(complaintOf(serviceRule(service, numericNaming)));
          for (const one of destinations) {
            const rule = destinationRule(service.id, one, numericNaming);
            expect(destinationFault(one)).toBe(complaintOf(rule));
          }
        }
      }),
    );
  });
});

test.each([
  [{ forwardingMethod: 'bypass' }, 'no option stands for the forwarding method bypass'],
  [
    { forwardingMethod: 'tun', tunnel: { type: 'unknown', port: 0, checksum: 'none' } },
    'no option stands for the tunnel type',
  ],
] satisfies [Partial<DestinationSettings>, string][])(
  'a real server that a rule would make another one of is a fault: %j',
  (settings, fault) => {
    const server: Pick<Destination, 'settings'> = {
      settings: {
        ...defaultDestinationSettings,
        ...settings,
      },
    };
    expect(destinationFault(server)).toBe(fault);
  },
);

describe('a save of what a restore will not bring back', () => {
  const kernel = () =>
    tableKernel({
      services: [
        { service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } },
        {
          service: { protocol: 'tcp', address: '192.0.2.3', port: 0 },
          destinations: [
            {
              destination: { address: '10.0.0.2', port: 0 },
              settings: { upperThreshold: 2 ** 31 },
            },
          ],
        },
      ],
    });

  test.each([
    ['ipvsadm', '-Sn'],
    ['ipvsadm-save', '-n'],
  ] as const)(
    'prints all of it, warns of each rule, and gives status 1: %s %s',
    async (program, line) => {
      expect(await command(line, { program, kernel: kernel() })).toEqual({
        status: 1,
        stdout:
          '-A -t 192.0.2.1:80 -s wlc\n' +
          '-A -t 192.0.2.3:0 -s wlc\n' +
          '-a -t 192.0.2.3:0 -r 10.0.0.2:0 -g -w 1 -x 2147483648\n',
        stderr:
          'ipvsadm-restore cannot restore this rule (Zero port specified for non-persistent service): -A -t 192.0.2.3:0 -s wlc\n' +
          'ipvsadm-restore cannot restore this rule (illegal u_threshold specified): -a -t 192.0.2.3:0 -r 10.0.0.2:0 -g -w 1 -x 2147483648\n',
      });
    },
  );
});
