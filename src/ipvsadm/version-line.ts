import { version } from '../version.js';

/** The line that -v prints: scripts take the second and the last word of it. */
export function versionLine(): string {
  return `ipvsadm v1.31 (package ipvs ${version}, for IPVS v1.2.1)`;
}
