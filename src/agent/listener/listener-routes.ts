import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkQuery, HttpProblem, ofTable, replyJson } from '../control/http.js';
import type { ControlRequest } from '../control/http.js';
import { readingRoutes } from '../control/routes.js';
import type { Route, Surroundings } from '../control/routes.js';

/** What is answered to everybody who can reach the address: it changes nothing. */
export const listenerRoutes: readonly Route[] = [
  { path: '/', methods: { GET: { answer: getPage, statuses: [200] } } },
  { path: '/healthz', methods: { GET: { answer: getHealth, statuses: [200, 503] } } },
  {
    path: '/metrics',
    methods: { GET: { answer: getMetrics, statuses: [200, 503], isLarge: true } },
  },
  ...readingRoutes,
];

async function getPage({ query }: ControlRequest, response: ServerResponse): Promise<void> {
  checkQuery(query, []);
  const { page } = await import('../page/page.js');
  const { html, contentSecurityPolicy } = page();
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'no-cache',
  });
  response.end(html);
}

function getHealth(
  { query }: ControlRequest,
  response: ServerResponse,
  { control }: Surroundings,
): void {
  checkQuery(query, []);
  const failure = control.reports.failure();
  if (failure !== undefined) throw new HttpProblem(503, failure);
  replyJson(response, 200, {});
}

/** Prometheus' text format 0.0.4 is written in pieces of about this size. */
const PIECE_LENGTH = 32 * 1024;

async function getMetrics(
  { query }: ControlRequest,
  response: ServerResponse,
  { control }: Surroundings,
): Promise<void> {
  checkQuery(query, []);
  const texts = await ofTable(control.reports.metrics());
  response.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
  });
  for (const piece of pieces(texts)) {
    if (response.destroyed) return;
    // Checks go on in between: there may be megabytes of it.
    if (response.write(piece)) await nextTurn();
    else await drained(response);
  }
  response.end();
}

/** Resolves when the client has taken what was written, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function* pieces(texts: Iterable<string>): Generator<string, void, undefined> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
