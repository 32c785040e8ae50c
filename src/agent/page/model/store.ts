import type { EventJson, ServiceStatusJson, StatusJson } from '../../control/shapes.js';
import type {
  HistoryJson,
  ServerTrafficJson,
  ServiceTrafficJson,
  TrafficJson,
} from '../../control/traffic-shapes.js';
import { severityOf } from './states.js';

/** What is only asked for of services that are looked at. */
export interface TrafficDetail {
  /** When the agent read it. */
  readonly time: string | undefined;
  readonly history: HistoryJson;
  readonly servers: ReadonlyMap<string, ServerTrafficJson>;
}

const MOST_EVENTS = 200;
/** A history is some ten kilobytes. */
const MOST_DETAILS = 300;

/** What the page knows; each change says which services have become worse. */
export class Store {
  agent: StatusJson['agent'] | undefined;
  readonly services = new Map<string, ServiceStatusJson>();
  readonly traffic = new Map<string, ServiceTrafficJson>();
  /** Least recently asked for first. */
  readonly details = new Map<string, TrafficDetail>();
  total: TrafficJson['total'] | undefined;
  /** When the last point of the histories was read. */
  trafficTime: string | undefined;
  intervalSeconds = 10;
  /** Newest first. */
  events: readonly EventJson[] = [];

  setStatus({ agent, services }: StatusJson): ServiceStatusJson[] {
    this.agent = agent;
    const first = this.services.size === 0;
    const worse = services.filter((service) => this.#isWorse(service));
    this.services.clear();
    for (const service of services) this.services.set(service.service, service);
    return first ? [] : worse;
  }

  setService(service: ServiceStatusJson): ServiceStatusJson[] {
    const worse = this.#isWorse(service) ? [service] : [];
    this.services.set(service.service, service);
    return worse;
  }

  #isWorse(service: ServiceStatusJson): boolean {
    const before = this.services.get(service.service);
    if (before === undefined) return service.state !== 'ok';
    return severityOf(service) < severityOf(before);
  }

  /** Takes an answer with all services, or with some of them and their histories. */
  setTraffic(traffic: TrafficJson, complete: boolean): void {
    this.trafficTime = traffic.time;
    this.intervalSeconds = traffic.intervalSeconds;
    this.total = traffic.total;
    if (complete) this.traffic.clear();
    for (const service of traffic.services) {
      this.traffic.set(service.service, service);
      if (service.history)
        this.#keepDetail(traffic.time, service.service, service.history, service);
    }
  }

  forgetTraffic(): void {
    this.traffic.clear();
    this.details.clear();
    this.total = undefined;
  }

  #keepDetail(
    time: string | undefined,
    key: string,
    history: HistoryJson,
    { servers = [] }: ServiceTrafficJson,
  ): void {
    this.details.delete(key);
    const byServer = new Map(servers.map((server) => [server.server, server]));
    this.details.set(key, { time, history, servers: byServer });
    for (const oldest of this.details.keys()) {
      if (this.details.size <= MOST_DETAILS) break;
      this.details.delete(oldest);
    }
  }

  addEvent(event: EventJson): void {
    this.events = [event, ...this.events].slice(0, MOST_EVENTS);
  }

  clearEvents(): void {
    this.events = [];
  }
}
