import type { JsonRecord } from '../../../common/json.js';
import { isMark } from '../../../ipvs/model/service.js';
import { checkedPort, connectTimeout, isUdp, times } from './checked.js';
import type { CheckedServer, CheckedService } from './checked.js';
import { negotiation } from './negotiation.js';

/** The key `check` of a server: one check, several, or none. */
export type Check = JsonRecord | readonly JsonRecord[] | 'none';

/** How a real server is checked, as ldirectord would. */
export function checkOf(service: CheckedService, server: CheckedServer, line: number): Check {
  const type = service.settings.value('checktype') ?? 'negotiate';
  switch (type) {
    case 'on':
    case 'off':
      return 'none';
    case 'ping':
      return ping(service);
    case 'connect':
      return isUdp(service) ? ping(service) : (connect(service, server, line) ?? 'none');
    case 'negotiate':
      return negotiation(service, server, line, 1);
    case 'external':
    case 'external-perl':
      return external(service, server, type, line);
    default:
      return combined(service, server, Number(type), line);
  }
}

function ping(service: CheckedService): JsonRecord {
  const { settings, globals } = service;
  const count = settings.number('checkcount') ?? globals.number('checkcount') ?? 1;
  const timeout = connectTimeout(service) * count;
  return { type: 'ping', ...(count > 1 && { count }), ...times(service, timeout) };
}

function connect(
  service: CheckedService,
  server: CheckedServer,
  line: number,
): JsonRecord | undefined {
  const port = checkedPort(service, server, line);
  return port && { type: 'tcp', ...port, ...times(service, connectTimeout(service)) };
}

function external(
  service: CheckedService,
  { address, port }: CheckedServer,
  type: string,
  line: number,
): Check {
  const { id, settings, report, virtualWord } = service;
  const command = settings.value('checkcommand');
  if (command === undefined) {
    report.info(line, `${type} without checkcommand runs /bin/true: no check is written`);
    return 'none';
  }
  if (type === 'external-perl') {
    const message =
      'external-perl: the check runs the file as a program, so it has to be executable and to begin with #!/usr/bin/perl';
    report.lost(line, message);
  }
  const virtualPort = isMark(id) ? 0 : id.port;
  return {
    type: 'exec',
    command: [command, virtualWord, String(virtualPort), address, String(port)],
    ...times(service, connectTimeout(service)),
  };
}

/** So many connects follow each negotiation. */
function combined(
  service: CheckedService,
  server: CheckedServer,
  connects: number,
  line: number,
): Check {
  const negotiated = negotiation(service, server, line, connects + 1);
  // A connect by UDP always succeeds.
  const connected = connects === 0 || isUdp(service) ? undefined : connect(service, server, line);
  if (connected === undefined) return negotiated;
  if (negotiated === 'none') return connected;
  const message =
    `checktype = ${connects} comes to two checks of their own, one of which runs at each interval and one at each ` +
    `${connects + 1}th; after a failure ldirectord negotiates first`;
  service.report.info(line, message);
  return [connected, negotiated];
}
