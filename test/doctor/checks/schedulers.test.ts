import { describe, expect, test } from 'vitest';
import { schedulerMissing, sourceHashRefuses } from '../../../src/doctor/checks/schedulers.js';
import { toServiceId, defaultServiceSettings } from '../../../src/ipvs/model/service.js';
import type { ServiceSettings, ServiceSettingsInput } from '../../../src/ipvs/model/service.js';
import type { WantedService } from '../../../src/state/table.js';
import { evidence, factsOf, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';

function wanted(port: number, settings: Partial<ServiceSettings>): WantedService {
  const id = toServiceId({ protocol: 'udp', address: '192.0.2.1', port });
  return { id, settings: { ...defaultServiceSettings, ...settings }, destinations: [] };
}

/** A kernel with these modules, and modprobe. */
const having =
  (...modules: readonly string[]): NonNullable<Known['run']> =>
  (program, words) =>
    program === 'modprobe'
      ? { status: modules.includes(words.at(-1) ?? '') ? 0 : 1, stdout: '', stderr: '' }
      : undefined;

describe('schedulers of the rules file', () => {
  test('are asked for once each, in the order of the file', async () => {
    const services = [1, 2, 3].map((port) => wanted(port, { scheduler: 'twos' }));
    services.push(wanted(4, { scheduler: 'rr', persistenceEngine: 'mgcp' }));
    const asked: string[] = [];
    const occurrences = await runCheck(schedulerMissing, {
      rules: { services },
      run: (program, words, input) => {
        asked.push(words.join(' '));
        return having('ip_vs_rr')(program, words, input);
      },
    });
    expect(occurrences.map((one) => one.evidence)).toEqual([
      'scheduler twos, for udp:192.0.2.1:1 and 2 more: there is no module ip_vs_twos',
      'persistence engine mgcp, for udp:192.0.2.1:4: there is no module ip_vs_pe_mgcp',
    ]);
    expect(asked).toEqual(['-n -q ip_vs_twos', '-n -q ip_vs_rr', '-n -q ip_vs_pe_mgcp']);
  });

  test('are not asked for when a service has them now', async () => {
    const rules = { services: [wanted(1, { scheduler: 'own' })] };
    const services = [{ service: { firewallMark: 1 }, settings: { scheduler: 'own' } }] as const;
    // A kernel that knows it: the model of the kernel refuses none that is preset.
    expect(await runCheck(schedulerMissing, { rules, services })).toEqual([]);
  });

  test('are not asked for when their modules are loaded', async () => {
    const rules = { services: [wanted(1, { scheduler: 'own' })] };
    const files = { '/sys/module/ip_vs_own/refcnt': '0' };
    expect(await runCheck(schedulerMissing, { rules, files })).toEqual([]);
  });

  test('are no words for a program, whatever they are called', async () => {
    const services = ['$(reboot)', '*', '', '-r', 'a b'].map((scheduler, port) =>
      wanted(port, { scheduler }),
    );
    const snapshot = factsOf({ rules: { services }, run: having() });
    const occurrences = await schedulerMissing.run(snapshot);
    expect(occurrences).toHaveLength(5);
    expect((snapshot.host as unknown as { deeds: string[] }).deeds).toEqual([
      'modprobe -n -q ip_vs_',
    ]);
  });

  test('cannot be looked for without modprobe, which is said', async () => {
    const rules = { services: [wanted(1, { scheduler: 'rr' })] };
    await expect(runCheck(schedulerMissing, { rules })).rejects.toThrow(
      'The program modprobe is not installed: install the package kmod',
    );
    expect(await runCheck(schedulerMissing, {})).toEqual([]);
  });
});

function hashed(settings: ServiceSettingsInput, ...weights: readonly number[]): Known {
  return {
    services: [
      {
        service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
        settings,
        destinations: weights.map((weight, index) => ({
          destination: { address: `192.0.2.${index + 11}`, port: 80 },
          settings: { weight },
        })),
      },
    ],
  };
}

describe('source-hash-refuses', () => {
  test('keeps what the service is set to beside', async () => {
    const persistence = { timeoutSeconds: 60, netmask: '255.255.255.0' };
    const settings = { scheduler: 'sh', persistence, schedulerFlags: [2] } as const;
    expect(await runCheck(sourceHashRefuses, hashed(settings, 0, 1, 0))).toEqual([
      {
        evidence: 'tcp:192.0.2.1:80: sh without sh-fallback, 192.0.2.11:80 has weight 0 and 1 more',
        fix: ['ipvsadm -E -t 192.0.2.1:80 -s sh -p 60 -M 255.255.255.0 -b sh-fallback,sh-port'],
      },
    ]);
  });

  test('is none with the flag, by another scheduler, or where all or none are closed', async () => {
    const passed = [
      hashed({ scheduler: 'mh', schedulerFlags: [1] }, 0, 1),
      hashed({ scheduler: 'rr' }, 0, 1),
      hashed({ scheduler: 'sh' }, 0, 0),
      hashed({ scheduler: 'sh' }, 1, 1),
      hashed({ scheduler: 'sh' }),
    ];
    for (const known of passed) expect(await evidence(sourceHashRefuses, known)).toEqual([]);
  });
});
