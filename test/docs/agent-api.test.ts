/** docs/agent-api.md says what the socket does: its routes, methods and statuses, and what its examples look like. */
import { describe, expect, test } from 'vitest';
import {
  drainRequest,
  maintenanceRequest,
  targetsRequest,
} from '../../src/agent/control/requests.js';
import { commonStatuses, routes } from '../../src/agent/control/routes.js';
import { schemaErrors } from '../support/schema.js';
import { readText, rowsOf } from './markdown.js';

const PAGE = 'docs/agent-api.md';
const text = readText(PAGE);
/** The text below each heading. */
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n'))]),
);

const answered = routes.flatMap(({ path, methods }) =>
  Object.entries(methods).map(([method, { statuses }]) => ({
    name: `${method} ${path.endsWith('/') ? `${path}SERVICE` : path}`,
    statuses,
  })),
);

test('there is a section for each method of each route, and for no other', () => {
  const described = [...sections.keys()].filter((heading) => heading.includes('/'));
  expect(described).toEqual(answered.map(({ name }) => name));
});

test.each(answered)('the section on $name has its statuses', ({ name, statuses }) => {
  const words = /Statuses: ([^]*?)\.(?=\n)/.exec(sections.get(name) ?? '')?.[1] ?? '';
  const written = words.split(';').map((word) => Number.parseInt(word, 10));
  expect(written).toEqual(statuses);
});

test('the table of errors has those that any request may get', () => {
  const rows = rowsOf(PAGE).filter(([status = '']) => /^\d{3}$/.test(status));
  expect(rows).toEqual(commonStatuses.map(([status, meaning]) => [String(status), meaning]));
});

describe('the examples', () => {
  const exampleOf = (name: string): unknown => {
    const [, json = ''] = /```json\n([^]*?)```/.exec(sections.get(name) ?? '') ?? [];
    return JSON.parse(json);
  };

  test.each([
    ['GET /v1/status', 'agentStatus'],
    ['GET /v1/events', 'event'],
    ['GET /v1/traffic', 'traffic'],
  ])('of %s is what the schema says', (name, definition) => {
    expect(schemaErrors(definition, exampleOf(name))).toEqual([]);
  });

  test.each([
    ['POST /v1/drain', drainRequest],
    ['DELETE /v1/drain', targetsRequest],
    ['POST /v1/maintenance', maintenanceRequest],
    ['DELETE /v1/maintenance', targetsRequest],
  ])('of %s is taken', (name, read) => {
    expect(read(exampleOf(name))).toEqual(exampleOf(name));
  });

  test('with curl name routes that there are', () => {
    const lines = Array.from(text.matchAll(/^curl .*$/gm), ([line]) => line);
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const path = /http:\/\/localhost(\/[\w/]+)/.exec(line)?.[1] ?? '';
      const method = /-X (\w+)/.exec(line)?.[1] ?? 'GET';
      const route = routes.find((one) =>
        one.path.endsWith('/') ? path.startsWith(one.path) : path === one.path,
      );
      expect([line, Object.keys(route?.methods ?? {})]).toEqual([
        line,
        expect.arrayContaining([method]),
      ]);
    }
  });
});
