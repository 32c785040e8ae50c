import type { JsonRecord } from '../../common/json.js';
import { textOf, textsOf } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import { startCommand } from '../../host/run-command.js';
import type { CommandResult, CommandUser } from '../../host/run-command.js';
import { findUser } from '../../host/users.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { CheckTarget } from '../config/config.js';
import { CheckError } from './check-type.js';
import type { CheckType, ProbeOutcome, ServerRequest } from './check-type.js';
import { endText } from './command-end.js';
import { failed, failing, passing, seconds, timedProbe } from './probe-timer.js';

/**
 * Runs a program of the administrator's. Its environment says what to check, and so do four arguments, those of ldirectord
 * (address and port of the service, a mark and 0 if it has a mark; address and port to check), unless it has arguments of its
 * own: programs such as `test` do not expect more. With `user`, it has that user's own group and no other.
 */
export const exec: CheckType = {
  name: 'exec',
  summary: 'the program ends with exit status 0',
  prepare: (target, settings) => {
    const words = textsOf(settings['command']);
    const command = {
      words: words.length > 1 ? words : [...words, ...argumentsFor(target)],
      environment: environmentFor(target),
      user: userOf(settings),
    };
    const judge = settings['weight'] === true ? weightOutcome : statusOutcome;
    const { timeoutMs } = target;
    return timedProbe(timeoutMs, (settle) => {
      const running = startCommand(command, (result) => {
        settle(judge(result));
      });
      return {
        release: () => {
          running.kill();
        },
        onTimeout: () => failing(withText(`killed after ${seconds(timeoutMs)}`, running)),
      };
    });
  },
};

function userOf(settings: JsonRecord): CommandUser | undefined {
  const name = textOf(settings['user']);
  if (name === undefined) return undefined;
  const user = findUser(name);
  if (user === undefined) {
    throw new CheckError(`there is no user '${printable(name)}' in /etc/passwd`);
  }
  return user;
}

function argumentsFor({ service, address, port }: CheckTarget): readonly string[] {
  const virtual = isMark(service)
    ? [service.firewallMark, 0]
    : [service.address.toString(), service.port];
  return [...virtual, address.toString(), port].map(String);
}

function environmentFor(target: CheckTarget): Readonly<Record<string, string>> {
  const { service, serviceName = '', server, address, port, timeoutMs } = target;
  const virtual = isMark(service)
    ? { IPVS_SERVICE_MARK: String(service.firewallMark) }
    : {
        IPVS_SERVICE_PROTOCOL: service.protocol,
        IPVS_SERVICE_ADDRESS: service.address.toString(),
        IPVS_SERVICE_PORT: String(service.port),
      };
  return {
    IPVS_SERVICE: formatServiceId(service),
    IPVS_SERVICE_NAME: serviceName,
    ...virtual,
    IPVS_SERVER: formatDestinationId(server),
    IPVS_SERVER_ADDRESS: server.address.toString(),
    IPVS_SERVER_PORT: String(server.port),
    IPVS_CHECK_ADDRESS: address.toString(),
    IPVS_CHECK_PORT: String(port),
    IPVS_CHECK_TIMEOUT_MS: String(timeoutMs),
  };
}

function statusOutcome(result: CommandResult): ProbeOutcome {
  const { end } = result;
  if (end.kind === 'not-started') return failed(end.error, () => endText(end));
  return end.kind === 'exited' && end.status === 0
    ? passing(withText('exit status 0', result))
    : failing(withText(endText(end), result));
}

/** What the server asks for, by the last line of what the program printed. */
function weightOutcome(result: CommandResult): ProbeOutcome {
  const outcome = statusOutcome(result);
  if (!outcome.passing) return outcome;
  const word = lines(result.stdout).at(-1) ?? '';
  const request = requestOf(word);
  if (request === undefined) {
    const shown = word === '' ? 'nothing' : `'${excerpt(word)}'`;
    return failing(`printed ${shown}, expected ready, drain, down or a share such as 75%`);
  }
  const reason = `the server says ${word}`;
  return { passing: request.kind !== 'down', reason, request };
}

function requestOf(word: string): ServerRequest | undefined {
  if (word === 'ready' || word === 'drain' || word === 'down') return { kind: word };
  const [, percent] = /^(\d{1,3})%$/.exec(word) ?? [];
  return percent === undefined || Number(percent) > 100
    ? undefined
    : { kind: 'share', percent: Number(percent) };
}

/** With the first line of what it printed, if it printed any. */
function withText(reason: string, { stdout, stderr }: Omit<CommandResult, 'end'>): string {
  const [first] = [...lines(stdout), ...lines(stderr)];
  return first === undefined ? reason : `${reason}: ${excerpt(first)}`;
}

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const MOST_SHOWN = 200;

function excerpt(line: string): string {
  return printable(line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN)}…` : line);
}
