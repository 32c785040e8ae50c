import type { DesiredState } from './desired.js';
import { parseSource, parseWithoutYaml, withoutMark } from './parse-source.js';
import type { ParsedState, ParseStateOptions } from './parsed.js';
import { readYamlSource } from './yaml-source.js';

/**
 * Reads a state file: YAML 1.2, JSON, or rules of `ipvsadm-save`, recognised by its contents. What `ipvs list --json` prints
 * is one too. Settings that are left out have their defaults: scheduler `wlc`, method `nat`, weight 1, not persistent. An empty
 * file asks for nothing. Pure.
 * @throws StateFileError with everything that is wrong, and where.
 *
 * @example
 * ```ts
 * import { parseState, StateFileError } from 'ipvs/state';
 *
 * const text = `
 * services:
 *   - name: web
 *     service: tcp:192.0.2.1:80
 *     schedular: wrr
 *     servers: [10.0.0.2:80]
 * `;
 * try {
 *   parseState(text, { file: 'web.yaml' });
 * } catch (error) {
 *   if (!(error instanceof StateFileError)) throw error;
 *   console.log(error.message); // web.yaml:5:5: unknown key "schedular"; did you mean "scheduler"?
 * }
 * const [web] = parseState(text.replace('schedular', 'scheduler')).services;
 * console.log(web?.name, web?.settings.scheduler, web?.destinations.length); // web wrr 1
 * ```
 */
export function parseState(text: string, options: ParseStateOptions = {}): DesiredState {
  return (parseWithoutYaml(text, options) ?? parseYaml(text, options)).state;
}

/** Reads a text that is YAML. @throws StateFileError */
export function parseYaml(text: string, options: ParseStateOptions): ParsedState {
  return parseSource(readYamlSource(withoutMark(text)), options);
}
