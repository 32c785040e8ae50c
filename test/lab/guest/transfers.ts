/** Called in an agent: a web server with a download that takes as long as it is wanted, and clients of it. */
import { createHash } from 'node:crypto';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

const PACE_MS = 10;

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** About 1 KB, like no other line. */
function lineOf(count: number): string {
  return `${count} ${digest(String(count)).repeat(15)}`;
}

/** What the client returns for a line: both directions are checked byte for byte. */
function receiptOf(count: number): string {
  return digest(lineOf(count));
}

function onLine(stream: IncomingMessage, take: (line: string) => void): void {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

let close = (): void => undefined;

/** Answers its name to GET. To POST it sends lines, and wants a receipt for each, until the client has sent its last. */
export function open(name: string, port: number): Promise<void> {
  const server = createServer((incoming, response) => {
    response.setHeader('Server', name);
    if (incoming.method === 'POST') send(incoming, response);
    else response.end(`${name}\n`);
  });
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '::', resolve);
  });
}

/** Nobody listens any more, and connections are closed. */
export function shut(): void {
  close();
}

function send(incoming: IncomingMessage, response: ServerResponse): void {
  let sent = 0;
  let returned = 0;
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) response.write(`${lineOf(++sent)}\n`);
  }, PACE_MS);
  onLine(incoming, (receipt) => {
    if (receipt !== receiptOf(++returned)) response.destroy();
  });
  incoming.on('end', () => {
    clearInterval(timer);
    response.end(`end ${sent} ${returned}\n`);
  });
  incoming.on('error', () => response.destroy());
  response.on('close', () => {
    clearInterval(timer);
  });
}

export interface TransferState {
  /** How many lines have come, each as it must be. */
  readonly lines: number;
  /** `complete` when both sides agree on what each has sent and got. */
  readonly outcome: 'under way' | 'complete' | `failed: ${string}`;
  /** The real server that sends. */
  readonly server: string;
  /** The client's own port. */
  readonly port: number;
}

interface Transfer {
  state: TransferState;
  readonly finish: () => void;
}

const transfers: Transfer[] = [];

/** Begins a download; gives its number when the first line has come, or what it failed for. */
export function begin(url: string): Promise<number> {
  const outgoing = request(url, { method: 'POST', agent: false });
  let returned = 0;
  const transfer: Transfer = {
    state: { lines: 0, outcome: 'under way', server: '', port: 0 },
    finish: () => outgoing.end(),
  };
  const id = transfers.push(transfer) - 1;
  const change = (news: Partial<TransferState>): void => {
    transfer.state = { ...transfer.state, ...news };
  };
  return new Promise((resolve) => {
    const end = (outcome: TransferState['outcome']): void => {
      if (transfer.state.outcome === 'under way') change({ outcome });
      outgoing.destroy();
      resolve(id);
    };
    const take = (line: string): void => {
      const lines = transfer.state.lines + 1;
      if (line === `end ${lines - 1} ${returned}`) {
        end('complete');
        return;
      }
      if (line !== lineOf(lines)) {
        end(`failed: line ${lines} is ${line}`);
        return;
      }
      change({ lines });
      resolve(id);
      if (outgoing.writableEnded) return;
      returned++;
      outgoing.write(`${receiptOf(lines)}\n`);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      end(`failed: ${error.code ?? error.message}`);
    };
    outgoing.on('error', failed).on('response', (response) => {
      const { server } = response.headers as { server?: string };
      change({ server: server ?? '', port: outgoing.socket?.localPort ?? 0 });
      response.on('error', failed);
      onLine(response, take);
    });
    outgoing.flushHeaders();
  });
}

export function state(id: number): TransferState {
  return one(id).state;
}

/** The client has had enough: the server tells the sums, which end the download. */
export function finish(id: number): void {
  one(id).finish();
}

function one(id: number): Transfer {
  const transfer = transfers[id];
  if (transfer === undefined) throw new Error(`no transfer ${id} was begun`);
  return transfer;
}
