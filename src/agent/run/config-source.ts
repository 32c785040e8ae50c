import type { AgentConfig } from '../config/config.js';

/** The agent's file or folder. */
export interface ConfigSource {
  /** What it is called where it is shown. */
  readonly file: string;
  /** Reads and checks all of it. @throws ConfigProblem */
  read(): Promise<AgentConfig>;
}

/** The configuration is not good: `web.yaml:7:9: …`. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem';
}
