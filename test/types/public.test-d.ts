/** What the compiler promises to users of the library: `npm run types` checks it. Nothing here runs. */
import { expectTypeOf } from 'vitest';
import {
  defaultServiceSettings,
  IpAddress,
  IpvsClient,
  IpvsError,
  OperationBatch,
} from '../../src/index.js';
import type {
  BatchOutcome,
  CallOptions,
  Connection,
  Destination,
  DestinationSettings,
  DestinationSettingsInput,
  DestinationState,
  Family,
  IpvsErrorCode,
  ForwardingMethod,
  Operation,
  Protocol,
  ServiceId,
  ServiceIdInput,
  ServiceSettingsInput,
  ServiceState,
  SyncDaemonInput,
  SystemError,
  ServiceEntry,
  Timeouts,
  TimeoutsInput,
  Tunnel,
  VirtualService,
} from '../../src/index.js';
import type { AgentClient, AgentError, AgentErrorCode } from '../../src/agent.js';
import type { EventJson, ReloadJson, ServiceStatusJson, StatusJson } from '../../src/agent.js';
import { formatRules, parseRule, parseRules } from '../../src/rules.js';
import type { Names, RuleFault, RulesError } from '../../src/rules.js';
import {
  apply,
  costOf,
  diff,
  drain,
  formatState,
  parseState,
  perform,
  plan,
  readTable,
  tableFrom,
  toWantedTable,
  watch,
} from '../../src/state.js';
import type {
  ApplyOutcome,
  DestinationChange,
  Difference,
  ServiceChange,
  TableChange,
  WantedService,
  WantedServiceInput,
  DesiredState,
  DrainedServer,
  PerformOutcome,
  Plan,
  PlanStep,
} from '../../src/state.js';
import { fakeKernel, tableKernel } from '../../src/testing.js';
import type { FakeRequest, PresetService, TableKernel } from '../../src/testing.js';
import { attributeTable } from '../../src/netlink/attributes.js';
import type { Infer } from '../../src/netlink/attributes.js';
import { nest, text, u32, u64 } from '../../src/netlink/attribute-types.js';

/** An identity is by address or by mark, and `in` tells which. */
export function identities(id: ServiceId): void {
  if ('firewallMark' in id) {
    expectTypeOf(id.firewallMark).toBeNumber();
    expectTypeOf(id.family).toEqualTypeOf<Family>();
    // @ts-expect-error -- a mark has no port
    expectTypeOf(id.port);
  } else {
    expectTypeOf(id.address).toEqualTypeOf<IpAddress>();
    expectTypeOf(id.protocol).toEqualTypeOf<Protocol>();
    // @ts-expect-error -- its family is that of its address
    expectTypeOf(id.family);
  }
}

/** What was read may be written back. */
export async function roundTrip(
  client: IpvsClient,
  service: VirtualService,
  destination: Destination,
) {
  await client.replaceService(service.id, service.settings);
  await client.deleteDestination(service.id, destination.id);
  await client.replaceDestination(service.id, destination.id, destination.settings);
  expectTypeOf<Tunnel['type']>().toEqualTypeOf<'ipip' | 'gue' | 'gre' | 'unknown'>();
}

export function inputs(): void {
  expectTypeOf<{ protocol: 'tcp'; address: string; port: number }>().toExtend<ServiceIdInput>();
  expectTypeOf<{ firewallMark: number }>().toExtend<ServiceIdInput>();
  expectTypeOf<{
    protocol: string;
    address: string;
    port: number;
  }>().not.toExtend<ServiceIdInput>();
  expectTypeOf<{
    protocol: 'icmp';
    address: string;
    port: number;
  }>().not.toExtend<ServiceIdInput>();
  expectTypeOf<{ protocol: 'tcp'; address: string }>().not.toExtend<ServiceIdInput>();
  expectTypeOf<object>().toExtend<ServiceSettingsInput>();
  expectTypeOf<object>().toExtend<DestinationSettingsInput>();
  expectTypeOf<typeof defaultServiceSettings>().toExtend<ServiceSettingsInput>();
  expectTypeOf<{ schedulerFlags: 4[] }>().not.toExtend<ServiceSettingsInput>();
  expectTypeOf<{ persistence: { netmask: string } }>().not.toExtend<ServiceSettingsInput>();
  expectTypeOf<{ forwardingMethod: 'masq' }>().not.toExtend<DestinationSettingsInput>();
  expectTypeOf<{ tunnel: { type: 'vxlan' } }>().not.toExtend<DestinationSettingsInput>();
  expectTypeOf<{ interface: string }>().not.toExtend<SyncDaemonInput>();
  expectTypeOf<ForwardingMethod>().toEqualTypeOf<'nat' | 'local' | 'tun' | 'dr' | 'bypass'>();
  expectTypeOf<DestinationSettings['weight']>().toBeNumber();
}

export function methods(client: IpvsClient): void {
  expectTypeOf(client.services()).toExtend<AsyncIterable<VirtualService>>();
  expectTypeOf(client.table()).toExtend<AsyncIterable<ServiceEntry>>();
  expectTypeOf(client.services({ statistics: false })).toExtend<AsyncIterable<ServiceState>>();
  expectTypeOf(client.destinations([], { statistics: false })).toExtend<
    AsyncIterable<readonly DestinationState[]>
  >();
  expectTypeOf(client.destinations([])).toExtend<AsyncIterable<readonly Destination[]>>();
  expectTypeOf(client.connections({ batch: true })).toExtend<
    AsyncIterable<readonly Connection[]>
  >();
  expectTypeOf(client.connections()).toExtend<AsyncIterable<Connection>>();
  expectTypeOf<IpvsClient['addService']>().returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf<IpvsClient['timeouts']>().returns.toEqualTypeOf<Promise<Timeouts>>();
  expectTypeOf<IpvsClient['setTimeouts']>().parameter(0).toEqualTypeOf<TimeoutsInput>();
  expectTypeOf<IpvsClient['batch']>()
    .parameter(0)
    .toEqualTypeOf<Iterable<Operation> | OperationBatch>();
  expectTypeOf<IpvsClient['batch']>().returns.toEqualTypeOf<Promise<BatchOutcome>>();
  expectTypeOf<IpvsClient['flush']>().parameter(0).toEqualTypeOf<CallOptions | undefined>();
  expectTypeOf(client).toExtend<AsyncDisposable>();
  expectTypeOf<VirtualService['statistics']['incomingBytes']>().toBeBigInt();
  // @ts-expect-error -- clients come from IpvsClient.open
  expectTypeOf(new IpvsClient());
  // @ts-expect-error -- addresses come from IpAddress.parse and IpAddress.fromBytes
  expectTypeOf(new IpAddress('ipv4', new Uint8Array(4)));
}

export function operations(): void {
  const service = { firewallMark: 1 };
  const destination = { address: '10.0.0.2', port: 0 };
  expectTypeOf({ type: 'flush' } as const).toExtend<Operation>();
  expectTypeOf({
    type: 'addDestination',
    service,
    destination,
  } as const).toExtend<Operation>();
  expectTypeOf({ type: 'addDestination', service } as const).not.toExtend<Operation>();
  expectTypeOf({ type: 'zeroService' } as const).not.toExtend<Operation>();
  expectTypeOf({ operation: 'stopSyncDaemon' } as const).not.toExtend<Operation>();
}

/** A batch is made by adding to it; what it sends is its own. */
export function batches(batch: OperationBatch): void {
  expectTypeOf(batch.length).toBeNumber();
  expectTypeOf<OperationBatch['add']>().parameter(0).toEqualTypeOf<Operation>();
  expectTypeOf<Destination>().toExtend<DestinationState>();
  expectTypeOf<VirtualService>().toExtend<ServiceState>();
}

/** Rules become operations, which a client takes. */
export function rules(client: IpvsClient, names: Names, error: RulesError): void {
  expectTypeOf(parseRules('', { names })).toEqualTypeOf<Operation[]>();
  expectTypeOf(parseRule('-C')).toEqualTypeOf<Operation>();
  expectTypeOf(client.batch(parseRules(''))).resolves.toEqualTypeOf<BatchOutcome>();
  expectTypeOf(error.faults).toEqualTypeOf<readonly RuleFault[]>();
  // @ts-expect-error -- an entry of client.table() is none of readTable()
  expectTypeOf(formatRules).toBeCallableWith([] as ServiceEntry[]);
}

/** What one function of tables gives, the next one takes. */
export function states(client: IpvsClient, wanted: WantedService[], change: TableChange): void {
  expectTypeOf(toWantedTable).parameter(0).toEqualTypeOf<Iterable<WantedServiceInput>>();
  expectTypeOf(toWantedTable([{ service: 'mark:7' }])).toEqualTypeOf<WantedService[]>();
  expectTypeOf(tableFrom(parseRules(''))).toEqualTypeOf<WantedService[]>();
  expectTypeOf(readTable(client)).resolves.toEqualTypeOf<WantedService[]>();
  expectTypeOf(formatRules).toBeCallableWith(wanted);
  expectTypeOf(diff(wanted, wanted)).toEqualTypeOf<Difference>();
  expectTypeOf(apply(client, diff([], wanted))).resolves.toEqualTypeOf<ApplyOutcome>();
  expectTypeOf(watch(client, { from: wanted })).toExtend<AsyncIterable<TableChange>>();
  if (change.destination === undefined) expectTypeOf(change).toEqualTypeOf<ServiceChange>();
  else expectTypeOf(change).toEqualTypeOf<DestinationChange>();
  if (change.type === 'added') expectTypeOf(change.before).toBeUndefined();
  if (change.type === 'removed') expectTypeOf(change.after).toBeUndefined();
}

/** What a file asks for can be planned, and what is planned can be carried out. */
export function plans(client: IpvsClient, steps: PlanStep[]): void {
  const desired = parseState('services: []', { file: 'web.yaml' });
  expectTypeOf(desired).toEqualTypeOf<DesiredState>();
  expectTypeOf(desired.services).toExtend<readonly WantedService[]>();
  expectTypeOf(formatState(desired, 'yaml')).toBeString();
  expectTypeOf(plan({ current: [], wanted: desired.services })).toEqualTypeOf<Plan>();
  expectTypeOf(costOf({ steps }, client)).resolves.toEqualTypeOf<Plan>();
  expectTypeOf(perform(client, steps)).resolves.toEqualTypeOf<PerformOutcome>();
  expectTypeOf(
    drain(client, [{ service: 'mark:7', destination: '10.0.0.2:0' }]),
  ).resolves.toEqualTypeOf<DrainedServer[]>();
}

/** A kernel in memory is what a client opens in place of a socket. */
export function kernels(service: PresetService): void {
  const kernel = tableKernel({ services: [service] });
  expectTypeOf(kernel).toEqualTypeOf<TableKernel>();
  expectTypeOf(IpvsClient.open({ socket: kernel })).resolves.toEqualTypeOf<IpvsClient>();
  expectTypeOf(fakeKernel).parameter(0).parameter(0).toEqualTypeOf<FakeRequest>();
  expectTypeOf<WantedServiceInput>().toExtend<PresetService>();
}

export function errors(error: IpvsError): void {
  expectTypeOf(error).toExtend<Error>();
  expectTypeOf(error.errno).toBeNumber();
  expectTypeOf<IpvsErrorCode>().toExtend<typeof error.code>();
  expectTypeOf<string>().toExtend<typeof error.code>();
  // @ts-expect-error -- no code that is known
  expectTypeOf<'EWHAT'>().toExtend<IpvsErrorCode>();
  expectTypeOf(error.cause).toEqualTypeOf<SystemError>();
  expectTypeOf(error.service).toEqualTypeOf<ServiceId | undefined>();
  expectTypeOf(error.moduleLoader).toEqualTypeOf<string | undefined>();
  // @ts-expect-error -- commands have names of the kernel's header
  expectTypeOf(error.command).toExtend<'ADD_SERVICE' | undefined>();
}

export function tables(): void {
  const inner = attributeTable('IN_', { LEAF: u64(1) });
  const table = attributeTable('T_', { NUMBER: u32(1), NAME: text(15)(2), NEST: nest(inner)(3) });
  expectTypeOf(table).toExtend<object>();
  expectTypeOf<Infer<typeof table>>().toEqualTypeOf<{
    readonly NUMBER?: number | undefined;
    readonly NAME?: string | undefined;
    readonly NEST?: { readonly LEAF?: bigint | undefined } | undefined;
  }>();
}

/** What the agent's client asks, and is answered. */
export function agents(agent: AgentClient, error: AgentError): void {
  expectTypeOf(agent.status()).resolves.toEqualTypeOf<StatusJson>();
  expectTypeOf(agent.service('web')).resolves.toEqualTypeOf<ServiceStatusJson>();
  expectTypeOf(agent.events({ since: 7, follow: true })).toExtend<AsyncIterable<EventJson>>();
  const servers = ['10.0.0.2:8080'];
  expectTypeOf(agent.drain({ servers, timeoutSeconds: 60 })).resolves.toBeVoid();
  // @ts-expect-error -- a drain is of servers
  void agent.drain({ services: ['web'] });
  // @ts-expect-error -- why it began is not asked again
  void agent.endMaintenance({ servers, reason: 'done' });
  expectTypeOf(agent.reload()).resolves.toEqualTypeOf<ReloadJson>();
  expectTypeOf(error.code).toEqualTypeOf<AgentErrorCode>();
}
