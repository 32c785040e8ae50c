import type { ImportReport, Place } from '../report.js';
import type { Group } from './groups.js';

/** What virtual servers need of the rest of the configuration. */
export interface Around {
  readonly groups: ReadonlyMap<string, Group>;
  /** The user that scripts run as, where one is named. */
  readonly scriptUser: string | undefined;
  /** Names that services have already. */
  readonly names: Set<string>;
  /** Says something about the whole file, the first time that it is to be said. */
  readonly once: (place: Place, message: string) => void;
}

/** @param report that of the whole file. */
export function saidOnce(report: ImportReport): Around['once'] {
  const said = new Set<string>();
  return (place, message) => {
    if (said.has(message)) return;
    said.add(message);
    report.info(place, message);
  };
}
