import type { JsonRecord } from '../../../src/common/json.js';

/** What Bun is told to do with checks, as JSON. */

/** A target with its addresses as text. */
export interface TargetText {
  readonly address: string;
  readonly port: number;
  readonly source?: string;
  readonly through: 'server' | 'path';
  readonly timeoutMs: number;
  readonly service:
    | { readonly firewallMark: number; readonly family: 'ipv4' | 'ipv6' }
    | {
        readonly protocol: 'tcp' | 'udp' | 'sctp';
        readonly address: string;
        readonly port: number;
      };
  readonly serviceName: string | undefined;
  readonly server: { readonly address: string; readonly port: number };
}

export interface ProbeSource {
  readonly type: string;
  readonly target: TargetText;
  readonly settings: JsonRecord;
  /** Of type ping: another program, and how often it is to ask. */
  readonly program?: string;
  readonly count?: number | undefined;
}

export type Order =
  | { readonly kind: 'make'; readonly probe: number; readonly source: ProbeSource }
  | { readonly kind: 'run'; readonly probe: number; readonly run: number }
  | { readonly kind: 'close'; readonly probe: number };
