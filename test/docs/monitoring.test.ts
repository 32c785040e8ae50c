/** docs/grafana.json and docs/prometheus-alerts.yml; test/kernel/agent/listener.test.ts asks Prometheus what is in them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { dashboard, expressions } from '../support/monitoring.js';
import { project } from '../support/sources.js';

const run = promisify(execFile);

test('each alert fires when it should, and not before: promtool test rules', async () => {
  const file = join(project, 'test/docs/alerts/rules.test.yml');
  const { stdout } = await run('promtool', ['test', 'rules', file]);
  expect(stdout).toContain('SUCCESS');
});

describe('the dashboard', () => {
  const { panels, templating, schemaVersion, uid, title } = dashboard();
  const shown = panels.filter(({ type }) => type !== 'row');

  test('has what Grafana needs to import it', () => {
    expect([schemaVersion, uid, title]).toEqual([39, 'ipvs-agent', 'IPVS']);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const names = templating.list.map(({ name }) => name);
    expect(names).toEqual(['datasource', 'instance', 'service']);
  });

  test('its panels do not overlap, and are within 24 columns', () => {
    const taken = new Set<string>();
    for (const { title: name, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect([name, x + w <= 24]).toEqual([name, true]);
      for (let row = y; row < y + h; row += 1) {
        for (let column = x; column < x + w; column += 1) {
          const cell = `${column},${row}`;
          expect([name, cell, taken.has(cell)]).toEqual([name, cell, false]);
          taken.add(cell);
        }
      }
    }
  });

  test('each panel says what it shows, and asks the chosen data source for the chosen directors', () => {
    for (const { title: name, description, datasource, targets } of shown) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\.$/) as string]);
      expect(datasource?.uid).toBe('${datasource}');
      expect(targets?.length).toBeGreaterThan(0);
      for (const { expr } of targets ?? []) expect(expr).toContain('instance=~"$instance"');
    }
  });
});

test('every expression is found', () => {
  expect(expressions().length).toBeGreaterThan(25);
});
