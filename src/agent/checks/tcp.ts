import type { CheckValue } from '../../state/file/check-fields.js';
import type { CheckType, ProbeOutcome } from './check-type.js';
import { CLOSED, connectionProbe } from './connection.js';
import type { Talk } from './connection.js';
import { compilePattern } from './pattern.js';
import type { Pattern } from './pattern.js';
import { failing, noAnswer, passing, seconds } from './probe-timer.js';
import { MOST_RECEIVED, Received } from './received.js';
import { quoted } from './reasons.js';
import { Search } from './search.js';
import { bytesOf } from './sent-bytes.js';
import { tlsSettings } from './tls.js';

export const tcp: CheckType = {
  name: 'tcp',
  summary: 'the connection opens; with send or expect, when the answer matches',
  prepare: (target, values) => {
    const settings = values as CheckValue<'tcp'>;
    const tls = settings.tls === true ? tlsSettings(settings, target) : undefined;
    const reads = settings.expect !== undefined;
    return connectionProbe(target, tls, talkOf(settings), { reads });
  },
};

function talkOf({ send, expect }: CheckValue<'tcp'>): Talk {
  const bytes = send === undefined ? undefined : bytesOf(send);
  if (expect !== undefined) return expecting(bytes, expect, compilePattern(expect));
  return bytes === undefined ? connected : sending(bytes);
}

const connected: Talk = (connection) => {
  connection.pass('connected');
};

const sending =
  (bytes: Buffer): Talk =>
  (connection) => {
    connection.socket.write(bytes, (error) => {
      if (!(error instanceof Error)) connection.pass('connected');
    });
  };

const expecting =
  (bytes: Buffer | undefined, source: string, pattern: Pattern): Talk =>
  (connection) => {
    const { socket, timeoutMs } = connection;
    const received = new Received();
    const found = `answer matches ${quoted(source)}`;
    const search = new Search(pattern, received, () => {
      connection.pass(found);
    });
    connection.onRelease = () => {
      search.end();
    };
    /** The last word: what has not been searched yet counts too. */
    const outcome = (silence: string, otherwise: string): ProbeOutcome => {
      if (received.bytes === 0) return failing(silence);
      return search.last() ? passing(found) : failing(otherwise);
    };
    const mismatch = () => `answer ${quoted(received.text)} does not match ${quoted(source)}`;
    connection.onClosed = () => {
      connection.settle(outcome(CLOSED, mismatch()));
    };
    connection.lateOutcome = () =>
      outcome(noAnswer(timeoutMs), `${mismatch()} in ${seconds(timeoutMs)}`);
    socket.on('data', (chunk) => {
      received.add(chunk);
      if (received.isFull) connection.settle(outcome(CLOSED, tooMuch(source)));
      else search.soon();
    });
    if (bytes !== undefined) socket.write(bytes);
  };

const tooMuch = (source: string): string =>
  `the first ${MOST_RECEIVED / 1024} KiB of the answer do not match ${quoted(source)}`;
