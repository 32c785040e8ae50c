/**
 * Kernels in memory, for tests of programs that use this library: no Linux, no root. {@link tableKernel} has a table and
 * answers as the kernel does; {@link fakeKernel} answers what a test tells it to.
 * @module ipvs/testing
 */
export { ack, data, done, fakeKernel, info, nextDatagram, refuse } from './testing/fake-kernel.js';
export type { CommandAttributes } from './ipvs/wire/schema.js';
export type { Answer, ErrnoName, FakeKernel, FakeRequest, Reply } from './testing/fake-kernel.js';
export { tableKernel } from './testing/table-kernel.js';
export type { PresetDestination, PresetService, PresetStatistics } from './testing/presets.js';
export type { TableKernel, TableKernelOptions } from './testing/table-kernel.js';
