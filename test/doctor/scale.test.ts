import { expect, test } from 'vitest';
import { runChecks } from '../../src/doctor/examine.js';
import { answersMissing } from '../../src/doctor/checks/answers.js';
import { connectionTableSmall } from '../../src/doctor/checks/connection-table.js';
import { defenceAlways, sloppyTcp } from '../../src/doctor/checks/defence.js';
import { connectionReuse, quiescentPersistence } from '../../src/doctor/checks/draining.js';
import { ftpModuleMissing, portMappingIgnored } from '../../src/doctor/checks/ports.js';
import { schedulerMissing, sourceHashRefuses } from '../../src/doctor/checks/schedulers.js';
import {
  serviceAllQuiet,
  serviceEmpty,
  serviceFull,
  thresholdReached,
} from '../../src/doctor/checks/services.js';
import { staleConnections, staleUdp } from '../../src/doctor/checks/stale.js';
import {
  syncBackupWithoutRules,
  syncDaemonsDiffer,
  syncInterfaceDown,
} from '../../src/doctor/checks/sync.js';
import { IpAddress } from '../../src/ipvs/model/address.js';
import type { ServiceEntry } from '../../src/ipvs/client/client.js';
import { defaultDestinationSettings } from '../../src/ipvs/model/destination.js';
import { defaultServiceSettings } from '../../src/ipvs/model/service.js';
import { toStatistics } from '../../src/ipvs/model/statistics.js';
import { connection, factsOf } from '../support/doctor-facts.js';

const SERVICES = 5000;
const SERVERS = 20;
const CHECKS = [
  answersMissing,
  connectionTableSmall,
  connectionReuse,
  defenceAlways,
  ftpModuleMissing,
  portMappingIgnored,
  quiescentPersistence,
  schedulerMissing,
  serviceAllQuiet,
  serviceEmpty,
  serviceFull,
  sloppyTcp,
  sourceHashRefuses,
  staleConnections,
  staleUdp,
  syncBackupWithoutRules,
  syncDaemonsDiffer,
  syncInterfaceDown,
  thresholdReached,
];

/** A service in which one of the 20 real servers has weight 0, one is full, one has another port, one does not answer. */
function faulty(index: number): ServiceEntry {
  const address = IpAddress.parse(`198.18.${index >> 8}.${index & 255}`);
  return {
    service: {
      id: { protocol: 'tcp', address, port: 80 },
      settings: {
        ...defaultServiceSettings,
        scheduler: 'sh',
        persistence: { timeoutSeconds: 60, netmask: IpAddress.parse('255.255.255.255') },
      },
      statistics: toStatistics({}),
    },
    destinations: Array.from({ length: SERVERS }, (_, server) => ({
      id: { address: serverAddress(index, server), port: server === 2 ? 8080 : 80 },
      settings: {
        ...defaultDestinationSettings,
        forwardingMethod: server === 3 ? 'nat' : 'dr',
        weight: server === 0 ? 0 : 1,
        upperThreshold: server === 1 ? 2 : 0,
      },
      activeConnections: 1,
      inactiveConnections: 1,
      persistentConnections: 1,
      statistics: toStatistics({ INPKTS: 1n }),
    })),
  };
}

const serverAddress = (index: number, server: number): IpAddress =>
  IpAddress.parse(`10.${server}.${index >> 8}.${index & 255}`);

test('5,000 services of 20 real servers, and as many connections, are looked at', async () => {
  const table = Array.from({ length: SERVICES }, (_, index) => faulty(index));
  const gone = (index: number) => `10.99.${index >> 8}.${index & 255}:80`;
  const connections = table.flatMap(({ service: { id } }, index) =>
    'address' in id
      ? Array.from({ length: SERVERS }, (_, client) =>
          client < 6
            ? connection(
                'TCP SYN_RECV',
                `192.0.2.1:${client + 1}`,
                `${id.address}:80`,
                `${serverAddress(index, 3)}:80`,
              )
            : connection(
                'TCP ESTABLISHED',
                `192.0.2.1:${client + 1}`,
                `${id.address}:80`,
                gone(index),
              ),
        )
      : [],
  );
  const programs: string[] = [];
  const settings = {
    'net/ipv4/vs/expire_nodest_conn': 0,
    'net/ipv4/vs/expire_quiescent_template': 0,
    'net/ipv4/vs/conn_reuse_mode': 0,
    'net/ipv4/ip_forward': 1,
  };
  const snapshot = factsOf({
    table,
    connections,
    settings,
    run: (program, words) => {
      programs.push([program, ...words].join(' '));
      return '';
    },
  });
  const { findings, skipped } = await runChecks(CHECKS, snapshot, {
    active: false,
    ignored: new Set(),
  });
  expect(skipped).toEqual([]);
  const counts = findings.map(({ check: { id }, occurrences }) => [id, occurrences.length]);
  expect(Object.fromEntries(counts)).toEqual({
    'answers-missing': SERVICES,
    'connection-reuse': SERVICES,
    'connection-table-small': 1,
    'port-mapping-ignored': SERVICES,
    'quiescent-persistence': SERVICES,
    'source-hash-refuses': SERVICES,
    'stale-connections': SERVICES,
    'threshold-reached': SERVICES,
  });
  expect(programs).toEqual(['ip -json -details address show', 'ip -json -force -batch -']);
});
