/** Connections made by counting: as the kernel tells of them, and as one director tells another. */

const CLIENTS = 0x0a00_0000;
const VIRTUAL = 0xc000_0201;
const SERVERS = 0x0a80_0000;
const TCP = 6;
const ESTABLISHED = 1;
const CLIENT_PORT = 1024;
const VIRTUAL_PORT = 80;
const SERVER_PORT = 8080;

const clientOf = (index: number) => CLIENTS + (index >> 4);
const clientPortOf = (index: number) => CLIENT_PORT + (index & 15);
const serverOf = (index: number) => SERVERS + (index % 20);

/** A line of /proc/net/ip_vs_conn. Source: net/netfilter/ipvs/ip_vs_conn.c, ip_vs_conn_seq_show. */
export function connectionLine(index: number): string {
  const words = [
    hex(clientOf(index), 8),
    hex(clientPortOf(index), 4),
    hex(VIRTUAL, 8),
    hex(VIRTUAL_PORT, 4),
    hex(serverOf(index), 8),
    hex(SERVER_PORT, 4),
  ];
  return `TCP ${words.join(' ')} ESTABLISHED ${String(900 - (index % 900)).padStart(7)}\n`;
}

export const CONNECTIONS_HEADING =
  'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';

const hex = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, '0');

const HEADER_BYTES = 8;
const ENTRY_BYTES = 36;
const VERSION = 1;
/** Entries of a message of at most 1,400 bytes. */
const MOST_ENTRIES = 38;

/**
 * Messages of synchronisation, version 1, for that many TCP connections.
 * Source: net/netfilter/ipvs/ip_vs_sync.c, struct ip_vs_sync_mesg and struct ip_vs_sync_v4.
 */
export function* syncMessages(count: number): Generator<Uint8Array, void, undefined> {
  for (let first = 0; first < count; first += MOST_ENTRIES) {
    const entries = Math.min(MOST_ENTRIES, count - first);
    const bytes = new Uint8Array(HEADER_BYTES + entries * ENTRY_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint16(2, bytes.length);
    view.setUint8(4, entries);
    view.setUint8(5, VERSION);
    for (let entry = 0; entry < entries; entry += 1) {
      writeEntry(view, HEADER_BYTES + entry * ENTRY_BYTES, first + entry);
    }
    yield bytes;
  }
}

/** Flags, mark stay 0: NAT, and no template. */
function writeEntry(view: DataView, at: number, index: number): void {
  view.setUint8(at + 1, TCP);
  view.setUint16(at + 2, ENTRY_BYTES);
  view.setUint16(at + 8, ESTABLISHED);
  view.setUint16(at + 10, clientPortOf(index));
  view.setUint16(at + 12, VIRTUAL_PORT);
  view.setUint16(at + 14, SERVER_PORT);
  view.setUint32(at + 20, TIMEOUT_SECONDS);
  view.setUint32(at + 24, clientOf(index));
  view.setUint32(at + 28, VIRTUAL);
  view.setUint32(at + 32, serverOf(index));
}

/** Longer than any measurement. */
const TIMEOUT_SECONDS = 7200;
