import { decode } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { ProbeOutcome } from './check-type.js';
import { comparableData, recordData } from './dns-records.js';
import { failing, passing } from './probe-timer.js';
import { quoted } from './reasons.js';

/** What is asked of a server for names. */
export interface DnsQuestion {
  readonly id: number;
  readonly name: string;
  readonly type: string;
}

/** What the answer must be. */
export interface DnsExpectation {
  readonly code: string;
  /** Data of records, one of which must be there; empty: any answer will do. */
  readonly records: readonly string[];
}

/** Whether bytes are an answer to a question; the outcome then. Undefined: they are none to this one. */
export function judgeAnswer(
  bytes: Buffer,
  question: DnsQuestion,
  expected: DnsExpectation,
): ProbeOutcome | undefined {
  if (bytes.length >= 2 && bytes.readUInt16BE(0) !== question.id) return undefined;
  const answer = tryDecode(bytes);
  if (answer === undefined) return failing('answer is malformed');
  if (!answer.flag_qr) return failing('answer is a query');
  if (!isTo(answer, question)) return failing('answer is to another question');
  if (answer.rcode !== expected.code) {
    return failing(`code ${answer.rcode}, expected ${expected.code}`);
  }
  if (expected.records.length === 0) return passing(`code ${answer.rcode}`);
  return judgeRecords(answer, question.type, expected.records);
}

/** The types of dns-packet leave this out. */
type Decoded = DecodedPacket & { readonly rcode: string };

function tryDecode(bytes: Buffer): Decoded | undefined {
  try {
    return decode(bytes) as Decoded;
  } catch {
    // Whatever the decoder stumbles over, the server has sent it.
    return undefined;
  }
}

function isTo({ questions = [] }: Decoded, { name, type }: DnsQuestion): boolean {
  const [asked, ...more] = questions;
  if (asked === undefined || more.length > 0) return false;
  const { class: found } = asked;
  return (
    (found === undefined || found === 'IN') &&
    asked.type === type &&
    asked.name.toLowerCase() === name.toLowerCase()
  );
}

function judgeRecords(
  { answers = [], flag_tc: isTruncated }: Decoded,
  type: string,
  wanted: readonly string[],
): ProbeOutcome {
  const found = answers.filter((one) => one.type === type).flatMap(dataOf);
  const match = wanted.find((one) => found.includes(comparableData(type, one)));
  if (match !== undefined) return passing(`answer has ${quoted(match)}`);
  if (isTruncated) return failing('answer is cut off; set "tcp: true" to ask over TCP');
  const [first, ...more] = found;
  if (first === undefined) return failing(`answer has no record of type ${type}`);
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const expected = wanted.map(quoted).join(' or ');
  return failing(`answer has ${quoted(first)}${others}, expected ${expected}`);
}

function dataOf(record: Answer): readonly string[] {
  const data = recordData(record);
  return data === undefined ? [] : [data];
}
