import { toAddress } from '../../ipvs/model/address.js';
import { ruleOf } from '../rule-text.js';
import type { AnyStep } from './perform.js';
import type { SettingRequest } from './settings.js';

/** The command lines of ipvsadm that carry out a step. */
export function stepCommands(step: AnyStep): string[] {
  const rules =
    step.kind === 'table' ? [ruleOf(step.operation)] : step.requests.map(settingCommand);
  return rules.map((rule) => `ipvsadm ${rule}`);
}

function settingCommand(request: SettingRequest): string {
  switch (request.type) {
    case 'setTimeouts': {
      const { tcpSeconds = 0, tcpFinSeconds = 0, udpSeconds = 0 } = request.timeouts;
      return `--set ${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}`;
    }
    case 'stopSyncDaemon':
      return `--stop-daemon ${request.state}`;
    case 'startSyncDaemon': {
      const { state, interface: device, syncId, maximumLength, group, port, ttl } = request.daemon;
      const options = [
        ['--mcast-interface', device],
        ['--syncid', syncId],
        ['--sync-maxlen', maximumLength],
        ['--mcast-group', group === undefined ? undefined : toAddress(group)],
        ['--mcast-port', port],
        ['--mcast-ttl', ttl],
      ] as const;
      const given = options.flatMap(([name, value]) =>
        value === undefined ? [] : [`${name} ${value.toString()}`],
      );
      return [`--start-daemon ${state}`, ...given].join(' ');
    }
  }
}
