import { AgentClient } from '../../agent/control/client.js';
import type { EventJson } from '../../agent/control/shapes.js';
import { jsonLine, jsonText } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import { coloursFor } from '../../terminal/colours.js';
import type { Colours } from '../../terminal/colours.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { agentFailure } from '../ask-agent.js';
import { untilInterrupted } from '../interruption.js';
import { SCHEMA_VERSION } from '../verb.js';
import type { VerbAction } from '../verb.js';

interface EventOptions {
  readonly follow: boolean;
  readonly since: number;
  readonly socket: string;
  readonly output: string;
  readonly json: boolean;
}

interface EventsResult {
  readonly options: EventOptions;
  /** The exit status, once they have been shown. */
  ended: number;
}

/** Shows an event. */
type Show = (event: EventJson) => Promise<void>;

export const events: VerbAction<EventOptions, EventsResult> = {
  run: (_context, options) => {
    if (options.follow && (options.json || options.output === 'json')) {
      const text = 'Events that go on are no single JSON object: ipvs events --follow -o ndjson';
      return Promise.reject(new CliError(text, exitStatus.usage));
    }
    return Promise.resolve({ options, ended: exitStatus.done });
  },
  status: ({ ended }) => ended,
  render: {
    text: async (result, session) => {
      const colours = await coloursFor(session.io);
      await showAll(result, session, (event) => session.output.line(eventLine(event, colours)));
    },
    formats: {
      json: async (result, session) => {
        const all: EventJson[] = [];
        await showAll(result, session, (event) => {
          all.push(event);
          return Promise.resolve();
        });
        await session.output.line(jsonText({ schemaVersion: SCHEMA_VERSION, events: all }));
      },
      ndjson: (result, session) =>
        showAll(result, session, (event) => session.output.line(jsonLine(event))),
    },
  },
};

/** Shows each event as it comes. */
async function showAll(result: EventsResult, session: Session, show: Show): Promise<void> {
  const { follow, since, socket } = result.options;
  const client = new AgentClient({ socket });
  result.ended = await untilInterrupted(session, async (signal) => {
    try {
      for await (const event of client.events({ follow, since, signal })) {
        await show(event);
        if (follow) await session.output.flush();
      }
    } catch (error) {
      throw agentFailure(error);
    }
  });
}

const PAINTS = { info: 'faint', warning: 'warning', error: 'bad' } as const;

/** `2026-11-29T10:00:00.000Z  12 warning server tcp:192.0.2.1:80 10.0.0.2:8080 up -> down: connection refused`. */
function eventLine(event: EventJson, colours: Colours): string {
  const { time, seq, severity, type, service, server, from, to, reason } = event;
  const paint = Object.hasOwn(PAINTS, severity) ? colours[PAINTS[severity]] : colours.faint;
  const change = [from, to].filter((state) => state !== undefined).join(' -> ');
  const facts = [service, server, change].filter((fact) => fact !== undefined && fact !== '');
  const about = facts.join(' ');
  const why = reason === undefined ? '' : `${about === '' ? '' : ': '}${reason}`;
  return [
    printable(time),
    String(seq).padStart(6),
    paint(printable(severity).padEnd(7)),
    printable(type).padEnd(11),
    printable(about + why),
  ].join(' ');
}
