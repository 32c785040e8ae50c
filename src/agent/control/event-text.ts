import { isRecord } from '../../common/json.js';
import type { EventJson } from './shapes.js';

/** An event is a few hundred bytes. */
const LONGEST_LINE = 1024 * 1024;

/**
 * The events of a stream of server-sent events: what stands behind `data:`, up to the empty line that ends an event. Comments
 * and numbers are passed over, since an event has its own.
 */
export async function* eventsIn(
  chunks: AsyncIterable<unknown>,
): AsyncGenerator<EventJson, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let data = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error('a line of an event is too long');
    for (const line of lines) {
      if (line.startsWith('data:')) data += line.slice('data:'.length).trim();
      else if (line === '' && data !== '') {
        const event = eventOf(data);
        data = '';
        if (event !== undefined) yield event;
      }
    }
  }
}

function eventOf(data: string): EventJson | undefined {
  const value: unknown = JSON.parse(data);
  // The server is of the same version, or has keys more.
  return isRecord(value) && typeof value['seq'] === 'number'
    ? (value as unknown as EventJson)
    : undefined;
}
