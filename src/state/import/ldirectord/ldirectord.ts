import { formatServiceId } from '../../../ipvs/model/service.js';
import { StateFileError } from '../../file/desired.js';
import type { DesiredService } from '../../file/desired.js';
import { isServiceName } from '../../selection.js';
import type { Importer } from '../imported.js';
import { LineReport } from './line-report.js';
import { readSections } from './sections.js';
import { newAllowance } from './servers.js';
import { readService } from './service.js';
import type { ReadService } from './service.js';
import { Settings, shown } from './settings.js';
import { noteSettings } from './setting-notes.js';

/**
 * Reads a configuration of ldirectord as ldirectord itself does: what its program does counts, where its manual says
 * something else.
 */
export const importLdirectord: Importer = async (file, sources) => {
  const text = await sources.read(file);
  if (text === undefined) {
    throw new StateFileError([
      { file, line: undefined, column: undefined, message: 'no such file' },
    ]);
  }
  const report = new LineReport(file);
  const { globals: globalLines, virtuals } = readSections(text, report);
  const globals = new Settings(globalLines, 'global', report);
  const context = { globals, sources, report, allowance: newAllowance() };
  noteSettings(globals, report);
  const services: ReadService[] = [];
  for (const section of virtuals) {
    const read = await readService(section, context);
    if (read !== undefined) services.push(read);
  }
  reportDoubles(services, report);
  noteQuiescent(services, globals, report);
  const named = nameServices(services, report);
  return {
    notes: report.notes(),
    state: { timeouts: undefined, syncDaemons: undefined, services: named, agent: {} },
  };
};

function reportDoubles(services: readonly ReadService[], report: LineReport): void {
  const seen = new Map<string, number>();
  for (const { service, line } of services) {
    const id = formatServiceId(service.id);
    const before = seen.get(id);
    if (before !== undefined) report.wrong(line, `${id} stands in line ${before} too`);
    else seen.set(id, line);
  }
}

/** The manual and the program disagree on the default. */
function noteQuiescent(
  services: readonly ReadService[],
  globals: Settings,
  report: LineReport,
): void {
  const unset = services.find(
    ({ service, quiescent }) => service.health['onFailure'] !== undefined && !quiescent,
  );
  if (unset === undefined || globals.get('quiescent') !== undefined) return;
  const message =
    'quiescent is not set: its default is "yes" in the manual of ldirectord and "no" in the program, which counts: ' +
    'onFailure: remove';
  report.about({ service: unset.service.id }).info(unset.line, message);
}

/** Gives services the names of `servicename`, as far as they are names of services. */
function nameServices(services: readonly ReadService[], report: LineReport): DesiredService[] {
  const taken = new Set<string>();
  return services.map(({ service, servicename }) => {
    if (servicename === undefined) return service;
    const { value: name, line } = servicename;
    const own = report.about({ service: service.id });
    if (!isServiceName(name)) {
      const message = `servicename ${shown(name)} is left out: a name has letters, digits, ".", "_" and "-" only`;
      own.lost(line, message);
      return service;
    }
    if (taken.has(name)) {
      own.lost(line, `servicename ${name} is left out: another service has it`);
      return service;
    }
    taken.add(name);
    return { ...service, name };
  });
}
