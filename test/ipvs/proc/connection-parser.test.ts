import { describe, expect, test } from 'vitest';
import { ConnectionParser } from '../../../src/ipvs/proc/connection-parser.js';
import { LONGEST_LINE } from '../../../src/rules/read-lines.js';

const HEADING = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';
const TCP = 'TCP C0000205 9C40 C0000201 0050 0A000002 1F90 ESTABLISHED     899\n';
const UDP =
  'UDP 2001:0db8:0000:0000:0000:0000:0000:0005 8000 2001:0db8:0000:0000:0000:0000:0000:0001 0035 2001:0db8:0000:0000:0000:0000:0000:0007 0035 UDP             299 sip a-call@\u00fcber.example\n';

/** The connections of text that arrives in pieces, all of them in the same memory. */
function parsed(pieces: readonly Buffer[]): readonly string[] {
  const parser = new ConnectionParser();
  const memory = Buffer.alloc(Math.max(...pieces.map(({ length }) => length)));
  const found = pieces.flatMap((piece) => {
    memory.fill(0);
    piece.copy(memory);
    return parser.push(memory.subarray(0, piece.length));
  });
  return [...found, ...parser.end()].map((connection) => JSON.stringify(connection));
}

function piecesOf(text: string, size: number): Buffer[] {
  const all = Buffer.from(text);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.subarray(index * size, (index + 1) * size),
  );
}

describe('the connection table', () => {
  const text = HEADING + TCP + UDP + TCP.replace('C0000205', 'C0000206') + UDP.trimEnd();
  const whole = parsed([Buffer.from(text)]);

  test('has its connections and no more, also when the last line has no end', () => {
    const clients = ['192.0.2.5', '2001:db8::5', '192.0.2.6', '2001:db8::5'];
    expect(whole).toHaveLength(clients.length);
    for (const [index, client] of clients.entries()) expect(whole[index]).toContain(`"${client}"`);
    expect(whole[1]).toContain('"sip","persistenceData":"a-call@\u00fcber.example"');
  });

  test.each([1, 2, 3, 7, 50, 66, 67, 100])('is the same in pieces of %i bytes', (size) => {
    expect(parsed(piecesOf(text, size))).toEqual(whole);
  });

  test('keeps apart ends that differ in the port, the address or the family alone', () => {
    const ends = ['0A000002 1F90', '0A000002 1F91', '0A000003 1F90', '0A000002 1F90'];
    const families = ['0A00:0002:0000:0000:0000:0000:0000:0000 1F90', ...ends];
    const lines = families.map((end) => TCP.replace('0A000002 1F90', end));
    expect(
      parsed([Buffer.from(lines.join(''))]).map(
        (line) => /"destination":({[^}]*})/.exec(line)?.[1],
      ),
    ).toEqual([
      '{"address":"a00:2::","port":8080}',
      '{"address":"10.0.0.2","port":8080}',
      '{"address":"10.0.0.2","port":8081}',
      '{"address":"10.0.0.3","port":8080}',
      '{"address":"10.0.0.2","port":8080}',
    ]);
  });

  test('of many services and real servers keeps all of them apart', () => {
    const hex = (index: number) =>
      (0x0a00_0000 + index).toString(16).toUpperCase().padStart(8, '0');
    const servers = Array.from({ length: 20_000 }, (_, index) => index % 7_000);
    const parser = new ConnectionParser();
    const lines = servers.map((index) => TCP.replace('0A000002', hex(index)));
    const found = parser.push(Buffer.from(lines.join('')));
    expect(found.map(({ destination }) => `${destination.address}`)).toEqual(
      servers.map((index) => `10.0.${index >> 8}.${index & 0xff}`),
    );
  });

  test('with a line that does not end takes no more memory than a line may, and goes on behind it', () => {
    const endless = `${TCP.trimEnd()} sip ${'x'.repeat(3 * LONGEST_LINE)}\n`;
    const parser = new ConnectionParser();
    const found = piecesOf(endless + TCP, 4096).flatMap((piece) => parser.push(piece));
    expect(found).toHaveLength(2);
    expect(found[0]?.persistenceData?.length).toBeLessThan(2 * LONGEST_LINE);
  });
});
