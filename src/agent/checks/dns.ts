import { randomInt } from 'node:crypto';
import { encode, RECURSION_DESIRED } from 'dns-packet';
import type { RecordType } from 'dns-packet';
import { printable } from '../../common/printable.js';
import type { CheckValue } from '../../state/file/check-fields.js';
import type { CheckTarget } from '../config/config.js';
import { CheckError } from './check-type.js';
import type { CheckType, Probe, ProbeOutcome } from './check-type.js';
import { connectionProbe } from './connection.js';
import { Datagram } from './datagram.js';
import { judgeAnswer } from './dns-answer.js';
import type { DnsExpectation } from './dns-answer.js';
import { comparableTypes, isRecordData } from './dns-records.js';
import { failing, noAnswer, timedProbe } from './probe-timer.js';

const codes = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/** Types that can be asked for and whose answers can be read, apart from those that can be compared. */
const furtherTypes = ['ANY', 'DNSKEY', 'DS', 'HINFO', 'NAPTR', 'RRSIG', 'SSHFP', 'TLSA'];

/** More of them are no accident. */
const MOST_STRAY_ANSWERS = 16;

/**
 * Asks a server for a name. Without `query` it asks for the start of the root zone, which each server that resolves names
 * has at hand; one that only answers for its own zones refuses that, and needs a `query`.
 */
export const dns: CheckType = {
  name: 'dns',
  summary: 'an answer with the code, and with one of the records if some are given',
  prepare: (target, values) => {
    const settings = values as CheckValue<'dns'>;
    const asked = questionOf(settings);
    const expected = { code: codeOf(settings), records: recordsOf(settings, asked.type) };
    return settings.tcp === true
      ? askByTcp(target, asked, expected)
      : askByUdp(target, asked, expected);
  },
};

interface Asked {
  /** Without a dot at its end, but for the root. */
  readonly name: string;
  readonly type: RecordType;
}

function questionOf({ query, recordType = 'A' }: CheckValue<'dns'>): Asked {
  const type = recordType.toUpperCase();
  if (!comparableTypes.has(type) && !furtherTypes.includes(type)) {
    const known = [...comparableTypes, ...furtherTypes].sort().join(', ');
    throw new CheckError(`recordType ${printable(recordType)} is not known; known are ${known}`);
  }
  // The root has no addresses.
  if (query === undefined) return { name: '.', type: type === 'A' ? 'SOA' : (type as RecordType) };
  const name = query === '.' ? query : query.replace(/\.$/, '');
  const isRight =
    name === '.' ||
    (Buffer.byteLength(name) <= 253 &&
      name.split('.').every((label) => label !== '' && Buffer.byteLength(label) <= 63));
  if (!isRight) {
    throw new CheckError(
      `query '${printable(query)}' is no name: labels have 1 to 63 bytes, all of it has at most 253`,
    );
  }
  return { name, type: type as RecordType };
}

function codeOf({ code = 'NOERROR' }: CheckValue<'dns'>): string {
  const known = code.toUpperCase();
  if (codes.includes(known)) return known;
  throw new CheckError(`code ${printable(code)} is not known; known are ${codes.join(', ')}`);
}

function recordsOf({ expect = [] }: CheckValue<'dns'>, type: string): readonly string[] {
  const wrong = expect.find((one) => !isRecordData(type, one));
  if (wrong !== undefined) {
    throw new CheckError(
      `'${printable(wrong)}' in 'expect' cannot be the data of a record of type ${type}`,
    );
  }
  if (expect.length === 0 || comparableTypes.has(type)) return expect;
  const known = [...comparableTypes].join(', ');
  throw new CheckError(`records of type ${type} cannot be compared; 'expect' can be of ${known}`);
}

function encodeQuery({ name, type }: Asked): { readonly id: number; readonly bytes: Buffer } {
  // One that cannot be guessed: whoever would forge an answer must not be able to.
  const id = randomInt(0x1_0000);
  const questions = [{ name, type, class: 'IN' as const }];
  return { id, bytes: encode({ type: 'query', id, flags: RECURSION_DESIRED, questions }) };
}

function askByUdp(target: CheckTarget, asked: Asked, expected: DnsExpectation): Probe {
  return timedProbe(target.timeoutMs, (settle) => {
    const { id, bytes } = encodeQuery(asked);
    let strays = 0;
    const onAnswer = (answer: Buffer) => {
      const outcome = judgeAnswer(answer, { id, ...asked }, expected);
      if (outcome === undefined) strays += 1;
      if (outcome !== undefined) settle(outcome);
      else if (strays >= MOST_STRAY_ANSWERS) settle(failing('answers have wrong ids'));
    };
    const onTimeout = (): ProbeOutcome =>
      failing(
        strays === 0
          ? noAnswer(target.timeoutMs)
          : `${noAnswer(target.timeoutMs)} with the right id`,
      );
    return new Datagram({ target, bytes, onAnswer, onTimeout }, settle);
  });
}

/** Over TCP, two bytes say how long a message is. */
const LENGTH_BYTES = 2;

function askByTcp(target: CheckTarget, asked: Asked, expected: DnsExpectation): Probe {
  return connectionProbe(target, undefined, (connection) => {
    const { id, bytes } = encodeQuery(asked);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(bytes.length);
    const pieces: Buffer[] = [];
    let received = 0;
    let needed = LENGTH_BYTES;
    connection.onClosed = () => {
      connection.fail(
        received === 0
          ? 'connection closed without an answer'
          : 'connection closed within the answer',
      );
    };
    connection.socket.on('data', (piece) => {
      pieces.push(piece);
      received += piece.length;
      if (received < needed) return;
      const all = Buffer.concat(pieces);
      needed = LENGTH_BYTES + all.readUInt16BE(0);
      if (received < needed) return;
      const answer = all.subarray(LENGTH_BYTES, needed);
      connection.settle(
        judgeAnswer(answer, { id, ...asked }, expected) ?? failing('answer has a wrong id'),
      );
    });
    connection.socket.write(Buffer.concat([length, bytes]));
  });
}
