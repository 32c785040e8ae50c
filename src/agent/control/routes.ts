import type { ServerResponse } from 'node:http';
import { printable } from '../../common/printable.js';
import { parseSelector } from '../../state/selection.js';
import type { ServiceSelector } from '../../state/selection.js';
import { parseServiceId } from '../../ipvs/model/selectors.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { AgentControl } from './control.js';
import { ControlError } from './control.js';
import { eventOptions, eventParameters } from './event-options.js';
import type { EventOptions } from './event-options.js';
import { checkQuery, HttpProblem, ofTable, readJsonBody, replyJson } from './http.js';
import type { ControlRequest } from './http.js';
import { drainRequest, emptyRequest, maintenanceRequest, targetsRequest } from './requests.js';

/** What answering needs beside the agent. */
export interface Surroundings {
  readonly control: AgentControl;
  readonly routes: readonly Route[];
  readonly mostBodyBytes: number;
  /** Begins a stream of events, as long as there is room for one. @throws HttpProblem */
  readonly stream: (response: ServerResponse, options: EventOptions) => void;
  /** Makes room for a large answer, as long as there is some. @throws HttpProblem */
  readonly beginLarge: (response: ServerResponse) => void;
}

type Answer = (
  request: ControlRequest,
  response: ServerResponse,
  surroundings: Surroundings,
) => Promise<void> | void;

/** A path, and what it answers to each method. docs/agent-api.md has a section for each. */
export interface Route {
  /** With a slash at its end, what follows is part of the request. */
  readonly path: string;
  readonly methods: Readonly<Record<string, MethodOfRoute>>;
}

interface MethodOfRoute {
  readonly answer: Answer;
  /** Of its answers, beside those that any request may get. */
  readonly statuses: readonly number[];
  /** Whether the answer may be megabytes: only so many are under way at once. */
  readonly isLarge?: true;
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

/** What changes nothing. */
export const readingRoutes: readonly Route[] = [
  {
    path: '/v1/status',
    methods: { GET: { answer: getStatus, statuses: [200, 503], isLarge: true } },
  },
  { path: '/v1/services/', methods: { GET: { answer: getService, statuses: [200, 404] } } },
  { path: '/v1/events', methods: { GET: { answer: getEvents, statuses: [200, 503] } } },
  {
    path: '/v1/traffic',
    methods: { GET: { answer: getTraffic, statuses: [200, 503], isLarge: true } },
  },
];

/** All that the socket answers. */
export const routes: readonly Route[] = [
  ...readingRoutes,
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
  const { routes: all } = surroundings;
  const route = all.find(({ path }) =>
    hasRest(path) ? pathname.startsWith(path) : pathname === path,
  );
  if (route === undefined) {
    const known = all.map(({ path }) => (hasRest(path) ? `${path}SERVICE` : path));
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
  if (method.isLarge === true) surroundings.beginLarge(response);
  await method.answer({ message, rest, query }, response, surroundings);
}

const hasRest = (path: string): boolean => path.length > 1 && path.endsWith('/');

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
  const found = control.service(selector);
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
  checkQuery(query, eventParameters);
  stream(response, eventOptions(query, message.headers['last-event-id'], control.events));
}

/** So many services are shown with their history at once: more is never visible, and it would be megabytes. */
const MOST_SERVICES = 100;

async function getTraffic(
  { query }: ControlRequest,
  response: ServerResponse,
  { control }: Surroundings,
): Promise<void> {
  checkQuery(query, ['services']);
  const keys = query.get('services')?.split(',').map(serviceKey);
  if (keys !== undefined && keys.length > MOST_SERVICES) {
    throw new HttpProblem(400, `services may have ${MOST_SERVICES} entries at most`);
  }
  replyJson(response, 200, await ofTable(control.reports.traffic(keys)));
}

function serviceKey(text: string): string {
  try {
    return formatServiceId(parseServiceId(text));
  } catch {
    throw new HttpProblem(400, 'services must be services, for instance tcp:192.0.2.1:80,mark:7');
  }
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
