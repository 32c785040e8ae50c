import type { ServerResponse } from 'node:http';
import { printable } from '../../common/printable.js';
import { parseSelector } from '../../state/selection.js';
import type { ServiceSelector } from '../../state/selection.js';
import type { AgentControl, EventSource } from './control.js';
import { ControlError } from './control.js';
import { checkQuery, HttpProblem, readJsonBody, replyJson } from './http.js';
import type { ControlRequest } from './http.js';
import { drainRequest, emptyRequest, maintenanceRequest, targetsRequest } from './requests.js';
import { serviceStatus } from './select-status.js';

/** What answering needs beside the agent. */
export interface Surroundings {
  readonly control: AgentControl;
  readonly mostBodyBytes: number;
  /** Begins a stream of events, as long as there is room for one. @throws HttpProblem */
  readonly stream: (response: ServerResponse, options: EventOptions) => void;
}

/** Which events are asked for. */
export interface EventOptions {
  readonly since: number;
  readonly follow: boolean;
}

type Answer = (
  request: ControlRequest,
  response: ServerResponse,
  surroundings: Surroundings,
) => Promise<void> | void;

/** A path of the socket, and what it answers to each method. docs/agent-api.md has a section for each. */
export interface Route {
  /** With a slash at its end, what follows is part of the request. */
  readonly path: string;
  readonly methods: Readonly<Record<string, MethodOfRoute>>;
}

interface MethodOfRoute {
  readonly answer: Answer;
  /** Of its answers, beside those that any request may get. */
  readonly statuses: readonly number[];
}

/** Statuses that any request may be answered with, and why. */
export const commonStatuses: readonly (readonly [status: number, meaning: string])[] = [
  [400, 'the request, its query or its body is not what it must be'],
  [404, 'there is no such path'],
  [405, 'the path does not take this method; the header Allow has those it takes'],
  [408, 'the request did not arrive in time'],
  [413, 'the body is too long'],
  [431, 'the headers are too long'],
  [500, 'the agent has failed; its log says why'],
];

export const routes: readonly Route[] = [
  { path: '/v1/status', methods: { GET: { answer: getStatus, statuses: [200] } } },
  { path: '/v1/services/', methods: { GET: { answer: getService, statuses: [200, 404] } } },
  { path: '/v1/events', methods: { GET: { answer: getEvents, statuses: [200, 503] } } },
  {
    path: '/v1/drain',
    methods: {
      POST: changing((control, body) => control.drain(drainRequest(body))),
      DELETE: changing((control, body) => control.undrain(targetsRequest(body))),
    },
  },
  {
    path: '/v1/maintenance',
    methods: {
      POST: changing((control, body) => control.startMaintenance(maintenanceRequest(body))),
      DELETE: changing((control, body) => control.endMaintenance(targetsRequest(body))),
    },
  },
  { path: '/v1/reload', methods: { POST: { answer: postReload, statuses: [200, 422] } } },
];

/** Answers a request. @throws HttpProblem, and whatever the agent throws that is no refusal */
export async function answer(
  message: ControlRequest['message'],
  response: ServerResponse,
  surroundings: Surroundings,
): Promise<void> {
  const { pathname, query } = targetOf(message.url ?? '');
  const route = routes.find(({ path }) =>
    path.endsWith('/') ? pathname.startsWith(path) : pathname === path,
  );
  if (route === undefined) {
    const known = routes.map(({ path }) => (path.endsWith('/') ? `${path}SERVICE` : path));
    throw new HttpProblem(404, `there is no such path; there are ${known.join(', ')}`);
  }
  const method = Object.hasOwn(route.methods, message.method ?? '')
    ? route.methods[message.method ?? '']
    : undefined;
  if (method === undefined) {
    const allow = Object.keys(route.methods).join(', ');
    throw new HttpProblem(405, `${route.path} takes ${allow}`, { allow });
  }
  const rest = pathname.slice(route.path.length);
  await method.answer({ message, rest, query }, response, surroundings);
}

/** The path of a request, and its query. Whatever is before them is not looked at. */
function targetOf(url: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const [pathname = '', ...query] = url.split('?');
  return { pathname, query: new URLSearchParams(query.join('?')) };
}

function getStatus({ query }: ControlRequest, response: ServerResponse, { control }: Surroundings) {
  checkQuery(query, []);
  replyJson(response, 200, control.status());
}

function getService(
  { rest, query }: ControlRequest,
  response: ServerResponse,
  { control }: Surroundings,
): void {
  checkQuery(query, []);
  const selector = serviceSelector(rest);
  const found = serviceStatus(control.status().services, selector);
  if (found === undefined) {
    throw new HttpProblem(404, `the agent has no service ${printable(selector.text)}`);
  }
  replyJson(response, 200, found);
}

function serviceSelector(encoded: string): ServiceSelector {
  try {
    const selector = parseSelector(decodeURIComponent(encoded));
    if (selector.kind !== 'server') return selector;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof URIError)) throw error;
  }
  throw new HttpProblem(
    400,
    'the path must end with a service, URL-encoded: tcp%3A192.0.2.1%3A80, mark%3A7, or its name',
  );
}

function getEvents(
  { message, query }: ControlRequest,
  response: ServerResponse,
  { control, stream }: Surroundings,
): void {
  checkQuery(query, ['since', 'follow']);
  const follow = query.get('follow') ?? '1';
  if (follow !== '0' && follow !== '1') throw new HttpProblem(400, 'follow must be 0 or 1');
  const last = message.headers['last-event-id'];
  const since = sinceOf(control.events, query.get('since'), last);
  stream(response, { since, follow: follow === '1' });
}

/** Where a stream begins: what a reader that comes back has seen goes before what it first asked for. */
function sinceOf(
  { lastSeq }: EventSource,
  since: string | null,
  lastEventId: string | string[] | undefined,
): number {
  if (typeof lastEventId === 'string') {
    const seen = seqOf(lastEventId, 'Last-Event-ID');
    // The agent has lost its numbers, and counts from 1 again: the reader has seen none of these events.
    return seen > lastSeq ? 0 : seen;
  }
  return Math.min(seqOf(since ?? '0', 'since'), lastSeq);
}

function seqOf(text: string, name: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HttpProblem(400, `${name} must be the number of an event`);
}

/** A request that changes something: a refusal of the agent's is an answer too. */
function changing(change: (control: AgentControl, body: unknown) => Promise<void>): MethodOfRoute {
  return {
    statuses: [200, 404, 409],
    answer: async ({ message, query }, response, { control, mostBodyBytes }) => {
      checkQuery(query, []);
      const body = await readJsonBody(message, mostBodyBytes);
      try {
        await change(control, body);
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        throw new HttpProblem(error.kind === 'unknown' ? 404 : 409, error.message);
      }
      replyJson(response, 200, {});
    },
  };
}

async function postReload(
  { message, query }: ControlRequest,
  response: ServerResponse,
  { control, mostBodyBytes }: Surroundings,
): Promise<void> {
  checkQuery(query, []);
  emptyRequest(await readJsonBody(message, mostBodyBytes));
  const { configValid, problem } = await control.reload();
  if (configValid) replyJson(response, 200, { configValid });
  else {
    const text = problem ?? 'the configuration is not valid';
    replyJson(response, 422, { error: text, configValid, problem: text });
  }
}
