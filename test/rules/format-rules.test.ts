/** What is written as a rule is read as the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Operation } from '../../src/ipvs/client/operations.js';
import { encodeDestination } from '../../src/ipvs/model/destination.js';
import { encodeService } from '../../src/ipvs/model/service.js';
import { numericNaming } from '../../src/rules/format-endpoint.js';
import { parse } from '../../src/rules/parse.js';
import { destinationRule, serviceRule } from '../../src/rules/format-rules.js';
import { schedulers } from '../../src/rules/grammar/schedulers.js';
import { arbitraryTable, rulesOf } from '../support/arbitrary-table.js';
import { command, silence } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

/** What a rule asks for; numbers are asked of nobody. */
function read(rule: string): Operation {
  const nobody = (): never => {
    throw new Error(`a name was looked up for ${rule}`);
  };
  const parsed = parse(rule.split(' '), { host: nobody, port: nobody });
  if (parsed.kind !== 'invocation' || !('operation' in parsed.invocation)) {
    throw new Error(`no rule: ${rule}`);
  }
  return parsed.invocation.operation;
}

test('the rule of any virtual service is read as that service', () => {
  fc.assert(
    fc.property(arbitraryTable, (table) => {
      for (const { service } of table) {
        const operation = read(serviceRule(service, numericNaming));
        if (operation.type !== 'addService') throw new Error(operation.type);
        expect(operation.service).toEqual(service.id);
        // What the kernel gets: a default that was left out is the same as one that was not.
        expect(encodeService(service.id, operation.settings ?? {})).toEqual(
          encodeService(service.id, service.settings),
        );
      }
    }),
  );
});

test('the rule of any real server is read as that real server', () => {
  fc.assert(
    fc.property(arbitraryTable, (table) => {
      for (const { service, destinations } of table) {
        for (const destination of destinations) {
          const operation = read(destinationRule(service.id, destination, numericNaming));
          if (operation.type !== 'addDestination') throw new Error(operation.type);
          expect([operation.service, operation.destination]).toEqual([service.id, destination.id]);
          const reported = encodeDestination(destination.id, operation.settings ?? {});
          const { settings } = destination;
          expect(reported).toEqual(
            encodeDestination(destination.id, {
              ...settings,
              tunnel: settings.tunnel && { ...settings.tunnel, type: knownType(settings.tunnel) },
            }),
          );
        }
      }
    }),
  );
});

function knownType({ type }: { type: string }): 'ipip' | 'gue' | 'gre' {
  if (type === 'ipip' || type === 'gue' || type === 'gre') return type;
  throw new Error(`no tunnel is ${type}`);
}

test('any table that is saved, and restored into an empty one, is saved the same', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTable, async (table) => {
      const kernel = tableKernel();
      const stdin = rulesOf(table).join('\n');
      expect(await command('-R', { kernel, stdin })).toEqual(silence);
      const saved = await command('-Sn', { kernel });
      expect(
        saved.stdout
          .split('\n')
          .filter((line) => line !== '')
          .sort(),
      ).toEqual(rulesOf(table).sort());
      const again = { kernel, program: 'ipvsadm-restore', stdin: saved.stdout } as const;
      expect(await command('', again)).toEqual(silence);
      expect(await command('-Sn', { kernel })).toEqual(saved);
    }),
  );
});

test('the tables that are made up have every kind of service and real server', () => {
  const rules = fc.sample(arbitraryTable, { numRuns: 500, seed: 1 }).flatMap(rulesOf);
  const words = new Set(rules.flatMap((rule) => rule.split(' ')));
  const options =
    '-t -u --sctp-service -f -6 -p -M --pe -o -b -g -m -i -x -y --tun-type --tun-port';
  const checksums = '--tun-nocsum --tun-csum --tun-remcsum';
  const ends = '1 4294967295 2678400 2147483647 0 65535 ipip gue gre';
  const wanted = `${options} ${checksums} ${ends}`.split(' ');
  expect(wanted.filter((word) => !words.has(word))).toEqual([]);
  expect(schedulers.filter(({ word }) => !words.has(word))).toEqual([]);
  // Every port, a real server of the other family, a flag that sh has no name for.
  for (const kind of [/^-A -[tu] \S+:0 .*-p /, /^-a -t \d+\.\S+ -r \[.* -i/, /-s sh .*flag-3/]) {
    expect(rules.some((rule) => kind.test(rule))).toBe(true);
  }
});
