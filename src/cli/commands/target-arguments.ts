import type { ArgumentSpec } from '../option-spec.js';
import { settingWords } from './setting-keys.js';

/** Arguments of verbs that change services and real servers. */

export const serviceArgument: ArgumentSpec = {
  name: 'service',
  summary: 'the service: tcp:192.0.2.1:80, mark:7, or its name',
  isRequired: true,
  completes: 'service',
};

/** @param summary which real server, and what it means to leave it out. */
export function serverArgument(summary: string): ArgumentSpec {
  return { name: 'server', summary, isRequired: false, completes: 'server' };
}

export const settingsArgument: ArgumentSpec = {
  name: 'setting',
  summary: 'key=value',
  isRequired: false,
  isVariadic: true,
  completes: settingWords,
};

export const serversArgument: ArgumentSpec = {
  name: 'server',
  summary: 'a real server: 10.0.0.2:8080',
  isRequired: true,
  isVariadic: true,
  completes: 'server',
};
