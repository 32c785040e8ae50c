/**
 * A typed client of the health-checking agent, `ipvs agent`: what it knows of services and servers, events, drains, maintenance.
 * @module ipvs/agent
 */
export { AgentClient, AgentError } from './agent/control/client.js';
export type { AgentClientOptions, AgentErrorCode, EventsOptions } from './agent/control/client.js';
export type {
  CheckStatusJson,
  DrainRequest,
  EventJson,
  MaintenanceRequest,
  ReloadJson,
  ServerStatusJson,
  ServiceStatusJson,
  StatusJson,
} from './agent/control/shapes.js';
export type {
  HistoryJson,
  ServerTrafficJson,
  ServiceTrafficJson,
  TrafficJson,
} from './agent/control/traffic-shapes.js';
export type { ServerHealthState, ServerState, ServiceState } from './agent/health/health.js';
export type { ConnectionCountsJson } from './state/service-json.js';
