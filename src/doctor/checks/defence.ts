import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import { sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check } from '../check.js';
import { firstOf } from '../../common/plural.js';
import { HASHES } from './schedulers.js';

const DROPPING = ['net/ipv4/vs/drop_packet', 'net/ipv4/vs/drop_entry'];
const ALWAYS = 3;

export const defenceAlways: Check = {
  id: 'defence-always',
  severity: 'warning',
  title: 'A defence against floods is always on',
  why:
    'With drop_packet, the first packet of every tenth new connection is dropped (net.ipv4.vs.am_droprate sets the ' +
    'rate), so its client waits a second or more. With drop_entry, half-open and idle connections are dropped. Set to ' +
    '1, each is active only while memory is short.',
  role: 'director',
  run: async (context) => {
    const occurrences = [];
    for (const setting of DROPPING) {
      if ((await context.machine.sysctlNumber(setting)) !== ALWAYS) continue;
      occurrences.push({
        evidence: formatSysctl(setting, ALWAYS),
        fix: [sysctlCommand(setting, 1)],
      });
    }
    return occurrences;
  },
};

const SLOPPY = 'net/ipv4/vs/sloppy_tcp';
export const sloppyTcp: Check = {
  id: 'sloppy-tcp',
  severity: 'notice',
  title: 'Packets of unknown connections create new connections',
  why:
    'Any TCP packet, not only the first of a connection, creates an entry. It goes to a real server that most likely ' +
    'does not know the connection, and resets it. With direct routing and tunnels such an entry counts as an active ' +
    'connection for 15 minutes. The setting is meant for directors that take over from one another and schedule by ' +
    'hash (sh, mh).',
  role: 'director',
  run: async (context) => {
    if (
      (await context.machine.sysctlNumber(SLOPPY)) !== 1 ||
      (await context.ipvs.syncDaemons()).length > 0
    )
      return [];
    const services = (await context.ipvs.table())
      .filter(({ destinations }) => destinations.length > 0)
      .map(({ service }) => service)
      .filter(({ id }) => isMark(id) || id.protocol === 'tcp')
      // A hash picks the real server that another director would have picked.
      .filter(({ settings: { scheduler } }) => !HASHES.includes(scheduler))
      .map(({ id, settings: { scheduler } }) => `${formatServiceId(id)} by ${scheduler}`);
    if (services.length === 0) return [];
    return [
      {
        evidence: `${formatSysctl(SLOPPY, 1)}, no sync daemon, ${firstOf(services)}`,
        fix: [sysctlCommand(SLOPPY, 0)],
      },
    ];
  },
};
