import { familyOf, isMark } from '../../../ipvs/model/service.js';
import type { Protocol, ServiceId } from '../../../ipvs/model/service.js';
import type { DesiredService } from '../../file/desired.js';
import type { ImportSources } from '../imported.js';
import { isUdp } from './checked.js';
import type { CheckedService } from './checked.js';
import { contentOf } from './content.js';
import type { Fallback } from './content.js';
import { addressOf, LineError, portOf, readVirtual } from './endpoints.js';
import type { VirtualHead } from './endpoints.js';
import { serviceSettingsOf } from './ipvsadm-lines.js';
import type { LineReport } from './line-report.js';
import type { ConfigLine, VirtualSection } from './sections.js';
import { fallbackServer, realServers } from './servers.js';
import type { Allowance } from './servers.js';
import { servicePorts, Settings, shown } from './settings.js';
import { noteSettings, noteUnused } from './setting-notes.js';

/** What the virtual services of a configuration share. */
export interface ConfigContext {
  readonly globals: Settings;
  readonly sources: ImportSources;
  readonly report: LineReport;
  readonly allowance: Allowance;
}

/** A virtual service, with what of it depends on the others: its name, which may be taken. */
export interface ReadService {
  readonly service: DesiredService;
  readonly line: number;
  readonly servicename: ConfigLine | undefined;
  /** Whether it says itself what becomes of servers that are down. */
  readonly quiescent: boolean;
}

/** A service as a state file has it; undefined when a line is so wrong that the rest cannot be read. */
export async function readService(
  section: VirtualSection,
  context: ConfigContext,
): Promise<ReadService | undefined> {
  const { sources, allowance, globals } = context;
  const settings = new Settings(section.settings, 'virtual', context.report);
  const id = await guarded(context.report, section.line, () => readId(section, settings, context));
  if (id === undefined) return undefined;
  const report = context.report.about({ service: id });
  const own = await guarded(report, section.line, () =>
    serviceSettingsOf(id, serviceOptions(id, settings, report)),
  );
  checkFamilies(section, settings, report);
  const lines = settings.all(section.ipv6 ? 'real6' : 'real');
  const servers = await realServers(lines, { id, sources, report, allowance });
  const fallback = await readFallback(id, settings, { ...context, report });
  const checked = {
    ...{ id, settings, globals, report },
    virtualWord: virtualWord(id),
    kind: settings.value('service') ?? kindOf(id),
  };
  noteSettings(settings, report);
  noteCheckSettings(checked);
  if (own === undefined) return undefined;
  const line = settings.get('checktype')?.line ?? settings.get('service')?.line ?? section.line;
  const content = contentOf(checked, servers, fallback, line);
  const service = { id, name: undefined, settings: own, ...content };
  return {
    service,
    line: section.line,
    servicename: settings.get('servicename'),
    quiescent: settings.get('quiescent') !== undefined,
  };
}

/** What an action gives; undefined when a line was wrong, which is reported then. */
async function guarded<Result>(
  report: LineReport,
  line: number,
  action: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    report.wrong(line, error.message);
    return undefined;
  }
}

async function readId(
  { value, ipv6, line }: VirtualSection,
  settings: Settings,
  { sources, report }: ConfigContext,
): Promise<ServiceId> {
  const head = readVirtual(value, ipv6);
  const family = ipv6 ? 'ipv6' : 'ipv4';
  const protocol = readProtocol(head, settings.value('protocol'));
  if ('mark' in head) {
    if (/^\d+[.\w]/.test(value)) {
      const message = `${shown(value)} has no port: ldirectord takes it for the firewall mark ${head.mark}`;
      report.about({ service: { firewallMark: head.mark, family } }).info(line, message);
    }
    return { firewallMark: head.mark, family };
  }
  const address = await addressOf(head.host, family, sources);
  return { protocol, address, port: portOf(head.port, [protocol], sources) };
}

function readProtocol(head: VirtualHead, given: string | undefined): Protocol {
  if ('mark' in head) {
    if (given === undefined || given === 'fwm') return 'tcp';
    throw new LineError('the protocol of a firewall mark must be fwm');
  }
  if (given === 'fwm') throw new LineError('the protocol of an address must be tcp or udp');
  if (given === 'tcp' || given === 'udp') return given;
  return head.port === '53' || head.port === 'domain' ? 'udp' : 'tcp';
}

/** The options of ipvsadm with which ldirectord adds a service. */
function serviceOptions(id: ServiceId, settings: Settings, report: LineReport): readonly string[] {
  const words = ['-s', settings.value('scheduler') ?? 'wrr'];
  const ops = settings.get('ops');
  if (ops?.value === 'yes') {
    if (isUdp({ id })) words.unshift('-o');
    else report.info(ops.line, 'ops says nothing but with UDP, as in ldirectord');
  }
  const persistent = settings.value('persistent');
  const netmask = settings.get('netmask');
  if (netmask !== undefined) checkNetmask(netmask.value, id);
  if (persistent !== undefined) {
    words.push('-p', persistent, ...(netmask === undefined ? [] : ['-M', netmask.value]));
  } else if (netmask !== undefined) {
    report.info(netmask.line, 'netmask says nothing without persistent, as in ldirectord');
  }
  const flags = settings.value('schedflags');
  return flags === undefined ? words : [...words, '-b', flags];
}

/** ipvsadm reads other forms of a mask too, and means something else by them. */
function checkNetmask(netmask: string, id: ServiceId): void {
  const [form, wanted] =
    familyOf(id) === 'ipv4'
      ? [/^\d+\.\d+\.\d+\.\d+$/, 'of the form 255.255.255.0']
      : [/^\d+$/, 'a prefix length from 1 to 128'];
  if (!form.test(netmask)) throw new LineError(`netmask must be ${wanted}, not ${shown(netmask)}`);
}

/** IPv6 has its own names for three settings. */
function checkFamilies({ ipv6 }: VirtualSection, settings: Settings, report: LineReport): void {
  for (const key of ['real', 'fallback']) {
    const [wrong, right] = ipv6 ? [key, `${key}6`] : [`${key}6`, key];
    for (const { line } of settings.all(wrong)) {
      const virtual = ipv6 ? 'virtual6' : 'virtual';
      report.wrong(line, `${wrong} does not go with ${virtual}: write ${right}`);
    }
  }
}

async function readFallback(
  id: ServiceId,
  settings: Settings,
  { globals, report, sources }: ConfigContext,
): Promise<Fallback | undefined> {
  const key = familyOf(id) === 'ipv6' ? 'fallback6' : 'fallback';
  const own = settings.get(key);
  const line = own ?? globals.get(key);
  if (line === undefined) return undefined;
  if (own === undefined && isMark(id)) {
    const message = `${key} of the whole file is not used by a firewall mark, as in ldirectord; write it below virtual`;
    report.info(line.line, message);
    return undefined;
  }
  const port = isMark(id) ? 0 : id.port;
  const server = await guarded(report, line.line, () => fallbackServer(line, id, port, sources));
  return server && { server, line: line.line };
}

function virtualWord(id: ServiceId): string {
  if (isMark(id)) return String(id.firewallMark);
  return id.address.family === 'ipv6' ? `[${id.address}]` : String(id.address);
}

/** The kind of service of a port, where none is named. */
function kindOf(id: ServiceId): string {
  if (isMark(id)) return 'none';
  return Object.entries(servicePorts).find(([, port]) => port === id.port)?.[0] ?? 'none';
}

function noteCheckSettings(service: CheckedService): void {
  const { settings, globals, kind, report } = service;
  const written = settings.value('checktype') ?? 'negotiate';
  const type = written === 'connect' && isUdp(service) ? 'ping' : written;
  noteUnused(settings, { type, kind }, report);
  const interval = settings.get('checkinterval');
  if (interval !== undefined && globals.value('fork') !== 'yes') {
    const message =
      'checkinterval of a virtual service counts with fork = yes alone, in ldirectord too';
    report.info(interval.line, message);
  }
}
