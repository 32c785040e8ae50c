import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptVirtualAddress, buildFlatNetwork, type Network } from '../../lab/network.js';
import { askByDatagram, serve } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { addRules, rows, shown, templates } from '../../support/shown.js';

/**
 * The persistence engine sip: datagrams of one call go to one real server. A call is that of a client, or of a net of
 * clients where the service has a mask; each test has a port, for templates outlive services.
 */

const VIP = '192.168.1.200';
const CLIENT = '192.168.1.101';
const NEIGHBOUR = '192.168.1.102';
const SHOW = '-Lnc --persistent-conn';

const lab = useLab();
let network: Network;

interface Message {
  readonly method?: string;
  readonly port: number;
  readonly from?: string;
  /** The client's port; a fresh one by default. */
  readonly fromPort?: number;
}

/** Who answered a message of a call. */
async function send(callId: string, message: Message): Promise<string> {
  const { method = 'INVITE', port, from = CLIENT, fromPort } = message;
  const text = [
    `${method} sip:bob@example.com SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    '\r\n',
  ].join('\r\n');
  const [answer = ''] = await askByDatagram(network.client, {
    host: VIP,
    port,
    from,
    ...(fromPort !== undefined && { fromPort }),
    text,
  });
  return answer;
}

const addService = (port: number, options: string) =>
  addRules(network.director, [
    `-A -u ${VIP}:${port} -s rr ${options}`,
    `-a -u ${VIP}:${port} -r 192.168.1.191`,
    `-a -u ${VIP}:${port} -r 192.168.1.192`,
  ]);

const addressOf = (answer: string) => answer.replace('rs', '192.168.1.19');
const otherThan = (answer: string) => (answer === 'rs1' ? 'rs2' : 'rs1');

/** A template as it is shown with what its engine knows. */
const template = (source: string, port: number, answer: string, callId: string) =>
  `UDP mm:ss  NONE        ${source.padEnd(18)} ${VIP}:${port} ${addressOf(answer)}:${port} sip                ${callId}`;

const shownTemplates = async (port: number) =>
  (await templates(network.director, `${VIP}:${port}`, SHOW)).map(({ row }) => row);

beforeAll(async () => {
  expect((await lab().run(['/run/modprobe', 'ip_vs_pe_sip'])).code).toBe(0);
  network = await buildFlatNetwork(lab());
  await Promise.all(
    network.realServers.map(async ({ namespace }, index) => {
      await acceptVirtualAddress(namespace, network.virtual);
      await serve(namespace, { name: `rs${index + 1}`, udp: [5060, 5061, 5062] });
    }),
  );
  const add = `ip addr add ${NEIGHBOUR}/24 dev eth0`;
  expect((await network.client.run(['sh', '-c', add])).code).toBe(0);
});
afterAll(() => network.close());

test('S40: with the engine sip a call keeps its real server, and the next call of the client has another', async () => {
  const port = 5060;
  await addService(port, '-p 600 --pe sip');
  const first = await send('first@example.com', { port });
  expect(await send('first@example.com', { port, method: 'ACK' })).toBe(first);
  expect(await send('second@example.com', { port })).toBe(otherThan(first));
  expect(await send('second@example.com', { port, method: 'ACK' })).toBe(otherThan(first));
  expect(await send('first@example.com', { port, method: 'BYE' })).toBe(first);
  const expected = [
    template(`${CLIENT}:0`, port, first, 'first@example.com'),
    template(`${CLIENT}:0`, port, otherThan(first), 'second@example.com'),
  ];
  expect(await shownTemplates(port)).toEqual(expected.sort());
  // Without the word for it the list has neither the engine nor the call.
  const plain = await templates(network.director, `${VIP}:${port}`);
  expect(plain.map(({ row }) => row)).toEqual(
    expected.map((row) => row.slice(0, row.indexOf(' sip'))),
  );
  const [service] = await rows(network.director, `-Ln -u ${VIP}:${port}`);
  expect(service).toBe(`UDP  ${VIP}:${port} rr persistent 600 pe sip`);
});

test('S40: with the engine sip another client shares a call only under a mask', async () => {
  const port = 5061;
  await addService(port, '-p 600 --pe sip');
  const own = await send('call@example.com', { port });
  expect(await send('call@example.com', { port, from: NEIGHBOUR })).toBe(otherThan(own));

  await shown(network.director, `-E -u ${VIP}:${port} -s rr -p 600 -M 255.255.255.0 --pe sip`);
  const shared = await send('conference@example.com', { port });
  for (const from of [NEIGHBOUR, CLIENT, NEIGHBOUR]) {
    expect(await send('conference@example.com', { port, from })).toBe(shared);
  }
  expect(await shownTemplates(port)).toContain(
    template('192.168.1.0:0', port, shared, 'conference@example.com'),
  );
});

test('S40: with the engine sip and one-packet scheduling calls from one port of a proxy are kept apart', async () => {
  const port = 5062;
  await addService(port, '-p 600 --pe sip -o');
  const callIds = ['a@example.com', 'b@example.com', 'a@example.com', 'b@example.com'];
  const answers: string[] = [];
  for (const callId of callIds) answers.push(await send(callId, { port, fromPort: 5060 }));
  expect(answers.slice(2)).toEqual(answers.slice(0, 2));
  expect(answers.slice(0, 2).sort()).toEqual(['rs1', 'rs2']);
  const [service] = await rows(network.director, `-Ln -u ${VIP}:${port}`);
  expect(service).toBe(`UDP  ${VIP}:${port} rr persistent 600 pe sip ops`);
});
