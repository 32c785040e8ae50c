import type { ServerResponse } from 'node:http';
import { jsonLine } from '../../common/json.js';
import type { EventSource } from './control.js';
import type { EventJson } from './shapes.js';

export interface StreamOptions {
  /** The number behind which the stream begins; not above the last one's. */
  readonly since: number;
  /** Whether it goes on with what happens later. */
  readonly follow: boolean;
  /** How long a reader may take nothing at all. */
  readonly stallMs: number;
  /** How often something is sent when nothing happens, so that both sides notice that the other is gone. */
  readonly idleMs: number;
}

/** Events are sent in pieces of about this size. */
const PIECE_LENGTH = 32 * 1024;

/**
 * Sends events as server-sent events. Nothing is kept for a reader but the number that it has come to: events are taken from
 * those that the agent keeps, when the reader has taken the ones before. One that stands still, or falls so far behind that
 * events it has not seen are no longer kept, is cut off; it may come back with the last number that it has seen.
 * @returns what ends the stream.
 */
export function sendEvents(
  response: ServerResponse,
  source: EventSource,
  { since, follow, stallMs, idleMs }: StreamOptions,
): () => void {
  let sent = since;
  let stalled: NodeJS.Timeout | undefined;
  const cutOff = (): void => {
    response.destroy();
  };
  const write = (text: string): boolean => {
    if (response.write(text)) return true;
    stalled ??= setTimeout(cutOff, stallMs);
    return false;
  };
  /** Sends what there is, as far as the reader takes it. */
  const pump = (): void => {
    if (stalled !== undefined || response.destroyed) return;
    let text = '';
    for (const event of source.since(sent)) {
      // The first events may be ones that are no longer kept, also for a new reader; a gap after that is a reader's fault.
      if (event.seq !== sent + 1 && sent !== since) {
        cutOff();
        return;
      }
      sent = event.seq;
      text += eventText(event);
      if (text.length < PIECE_LENGTH) continue;
      if (!write(text)) return;
      text = '';
    }
    if (text !== '' && !write(text)) return;
    if (!follow) end();
  };
  const onDrain = (): void => {
    clearTimeout(stalled);
    stalled = undefined;
    pump();
  };
  const idle = setInterval(() => {
    if (stalled === undefined) write(':\n\n');
  }, idleMs);
  const unsubscribe = follow ? source.subscribe(pump) : (): void => undefined;
  const stop = (): void => {
    clearTimeout(stalled);
    clearInterval(idle);
    unsubscribe();
  };
  const end = (): void => {
    stop();
    response.end();
    // What is still on its way is not waited for either.
    stalled = setTimeout(cutOff, stallMs);
  };
  response.on('drain', onDrain);
  response.on('close', stop);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.flushHeaders();
  pump();
  return end;
}

/** An event of a stream: https://html.spec.whatwg.org/multipage/server-sent-events.html */
function eventText(event: EventJson): string {
  return `id: ${event.seq}\ndata: ${jsonLine(event)}\n\n`;
}
