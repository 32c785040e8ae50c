import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { DestinationSettings } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceSettings } from '../../ipvs/model/service.js';
import type { JsonRecord } from '../../common/json.js';
import { serverSettingsJson, serviceSettingsJson } from '../service-json.js';
import type { AnyStep } from './perform.js';

/** A step in JSON: what `ipvs diff` plans, and what verbs that change something report. */
export interface StepJson {
  readonly action: 'add' | 'change' | 'remove';
  /** Absent for `setting`. */
  readonly service?: string;
  /** Absent if the step is about the service itself. */
  readonly server?: string;
  /** What is set instead of a service: `timeouts` or `syncDaemon`. */
  readonly setting?: string;
  readonly from?: JsonRecord;
  readonly to?: JsonRecord;
  /** Connections that it cuts. */
  readonly cuts: number;
}

export function stepJson(step: AnyStep): StepJson {
  const { action } = step;
  if (step.kind === 'setting') {
    return { action, setting: step.setting, ...sides(step.from, step.to), cuts: 0 };
  }
  const { service, destination, from, to, cuts } = step;
  return {
    action,
    service: formatServiceId(service),
    ...(destination !== undefined && { server: formatDestinationId(destination) }),
    ...sides(settingsJson(from), settingsJson(to)),
    cuts,
  };
}

function sides(from: JsonRecord | undefined, to: JsonRecord | undefined) {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function settingsJson(
  settings: ServiceSettings | DestinationSettings | undefined,
): JsonRecord | undefined {
  if (settings === undefined) return undefined;
  return 'scheduler' in settings
    ? { ...serviceSettingsJson(settings) }
    : { ...serverSettingsJson(settings) };
}
