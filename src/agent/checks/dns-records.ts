import type { Answer, MxData, SoaData, SrvData, TxtData } from 'dns-packet';
import { IpAddress } from '../../ipvs/model/address.js';

/** Data of records as zone files write it, without what makes no difference. */

const name = (text: string): string => text.toLowerCase().replace(/(?<=.)\.$/, '');

/** A number that the decoder may leave out. */
const number = (value = 0): string => String(value);

const text = (data: TxtData): string => {
  const pieces = Array.isArray(data) ? data : [data];
  return pieces
    .map((piece) => (typeof piece === 'string' ? piece : piece.toString('utf8')))
    .join('');
};

/** What the types of {@link comparableTypes} are as text. */
function textOfData(record: Answer): string | undefined {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data;
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return record.data;
    case 'TXT':
      return text(record.data);
    case 'MX':
      return mx(record.data);
    case 'SRV':
      return srv(record.data);
    case 'SOA':
      return soa(record.data);
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} "${record.data.value}"`;
    default:
      return undefined;
  }
}

const mx = ({ preference, exchange }: MxData): string => `${number(preference)} ${exchange}`;

const srv = ({ priority, weight, port, target }: SrvData): string =>
  [number(priority), number(weight), number(port), target].join(' ');

const soa = ({ mname, rname, serial, refresh, retry, expire, minimum }: SoaData): string =>
  [mname, rname, ...[serial, refresh, retry, expire, minimum].map(number)].join(' ');

/** Types of records whose data can be compared. */
export const comparableTypes: ReadonlySet<string> = new Set([
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'DNAME',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TXT',
]);

/** The data of a record, to be compared and shown; undefined when it is of another type. */
export function recordData(record: Answer): string | undefined {
  const data = textOfData(record);
  return data === undefined ? undefined : comparableData(record.type, data);
}

/**
 * Data as a state file has it, in the form in which it is compared: `2001:DB8::1` is `2001:db8::1`, `10  Mail.Example.com.`
 * is `10 mail.example.com`, and text may stand in quotation marks.
 */
export function comparableData(type: string, data: string): string {
  if (type === 'TXT') return /^"(.*)"$/s.exec(data)?.[1] ?? data;
  if (type === 'A' || type === 'AAAA') return (IpAddress.tryParse(data) ?? data).toString();
  const words = data.trim().split(/\s+/);
  return type === 'CAA' ? words.join(' ') : words.map(name).join(' ');
}

/** Whether a record may have this data, as far as that is easy to say. */
export function isRecordData(type: string, data: string): boolean {
  if (type !== 'A' && type !== 'AAAA') return true;
  return IpAddress.tryParse(data)?.family === (type === 'A' ? 'ipv4' : 'ipv6');
}
