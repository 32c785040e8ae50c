import { compareAddresses, IpAddress } from '../../../ipvs/model/address.js';
import type { Family } from '../../../common/ip-family.js';
import type { ImportReport } from '../report.js';
import type { Statement } from './tree.js';
import { addressAt, numberAt } from './values.js';
import type { Endpoint } from './values.js';

/** The addresses, and the firewall marks, that a virtual_server_group stands for. */
export interface Group {
  readonly name: string;
  readonly addresses: readonly Endpoint[];
  readonly marks: readonly GroupMark[];
}

interface GroupMark {
  readonly firewallMark: number;
  /** Undefined: that of the real servers. */
  readonly family: Family | undefined;
}

/** Of all groups together. The kernel could hold more; nobody would want to read them. */
const MOST_ADDRESSES = 65_536;

/** Reads a virtual_server_group. */
export function readGroup(statement: Statement, report: ImportReport): Group {
  const addresses: Endpoint[] = [];
  const marks: GroupMark[] = [];
  const [name = ''] = statement.words;
  if (name === '') report.problem(statement, 'virtual_server_group: its name is missing');
  for (const entry of statement.block ?? []) {
    if (entry.keyword === 'fwmark') marks.push(...readMark(entry, report));
    else addresses.push(...readAddresses(entry, report, MOST_ADDRESSES - addresses.length));
  }
  return { name, addresses, marks };
}

function readMark(entry: Statement, report: ImportReport): readonly GroupMark[] {
  const firewallMark = numberAt(entry, 0, [1, 0xffff_ffff], report);
  const word = entry.words[1];
  const family = word === 'inet' ? 'ipv4' : word === 'inet6' ? 'ipv6' : undefined;
  if (word !== undefined && family === undefined) {
    report.problem(entry, `fwmark: "${word}" is neither inet nor inet6`);
  }
  return firewallMark === undefined ? [] : [{ firewallMark, family }];
}

/** `192.0.2.1`, `192.0.2.1-10`, `192.0.2.250-192.0.3.10` or `192.0.2.8/29`, and a port. */
function readAddresses(entry: Statement, report: ImportReport, most: number): readonly Endpoint[] {
  const { keyword: text, words } = entry;
  const range = rangeOf(entry, report);
  const port = words[0] === undefined ? 0 : numberAt(entry, 0, [0, 65_535], report);
  if (range === undefined || port === undefined) return [];
  const [first, last] = range;
  const found: Endpoint[] = [];
  let address = first;
  for (;;) {
    if (found.length >= most) {
      report.problem(entry, `${text}: more than ${MOST_ADDRESSES} addresses in one group`);
      return [];
    }
    found.push({ address, port });
    if (compareAddresses(address, last) >= 0) return found;
    address = following(address);
  }
}

type Range = readonly [first: IpAddress, last: IpAddress];

function rangeOf(entry: Statement, report: ImportReport): Range | undefined {
  const { keyword: text } = entry;
  const [start = '', end] = text.split('-', 2);
  const [base = '', length] = text.split('/', 2);
  const word = length !== undefined ? base : start;
  const first = addressAt({ ...entry, keyword: 'address', words: [word] }, 0, report);
  if (first === undefined) return undefined;
  const range = length === undefined ? upTo(first, end) : networkOf(first, length);
  if (range === undefined) report.problem(entry, `"${text}" is not a range of addresses`);
  return range;
}

function upTo(first: IpAddress, end: string | undefined): Range | undefined {
  if (end === undefined) return [first, first];
  const last = IpAddress.tryParse(end) ?? withLastPart(first, end);
  if (last?.family !== first.family || compareAddresses(first, last) > 0) return undefined;
  return [first, last];
}

/** The address whose last part, a byte of IPv4 or the last group of IPv6, is another. */
function withLastPart(first: IpAddress, part: string): IpAddress | undefined {
  const text = first.toString();
  if (first.family === 'ipv4') return IpAddress.tryParse(text.replace(/\d+$/, () => part));
  if (!/^[\da-f]{1,4}$/i.test(part)) return undefined;
  const bytes = Uint8Array.from(first.bytes);
  const value = Number.parseInt(part, 16);
  bytes.set([value >> 8, value & 0xff], 14);
  return IpAddress.fromBytes('ipv6', bytes);
}

/** The first and the last address of a network; undefined when the address is not its first. */
function networkOf(first: IpAddress, length: string): Range | undefined {
  const bits = first.bytes.length * 8;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : 0;
  if (prefix < 1 || prefix > bits) return undefined;
  const bytes = Uint8Array.from(first.bytes);
  for (let bit = prefix; bit < bits; bit += 1) {
    const mask = 0x80 >> (bit % 8);
    const byte = bytes[bit >> 3] ?? 0;
    if ((byte & mask) !== 0) return undefined;
    bytes[bit >> 3] = byte | mask;
  }
  return [first, IpAddress.fromBytes(first.family, bytes)];
}

function following({ family, bytes }: IpAddress): IpAddress {
  const next = Uint8Array.from(bytes);
  for (let at = next.length - 1; at >= 0; at -= 1) {
    next[at] = ((next[at] ?? 0) + 1) & 0xff;
    if (next[at] !== 0) break;
  }
  return IpAddress.fromBytes(family, next);
}
