/** In the tests of a project with this file, Bun carries out the checks. */
import { vi } from 'vitest';

const remote = () => import('./remote-probes.js');

vi.mock(import('../../../src/agent/checks/dns.js'), async (original) => {
  const { dns, ...rest } = await original();
  return { ...rest, dns: (await remote()).inBun(dns) };
});
vi.mock(import('../../../src/agent/checks/exec.js'), async (original) => {
  const { exec, ...rest } = await original();
  return { ...rest, exec: (await remote()).inBun(exec) };
});
vi.mock(import('../../../src/agent/checks/grpc.js'), async (original) => {
  const { grpc, ...rest } = await original();
  return { ...rest, grpc: (await remote()).inBun(grpc) };
});
vi.mock(import('../../../src/agent/checks/http.js'), async (original) => {
  const { http, ...rest } = await original();
  return { ...rest, http: (await remote()).inBun(http) };
});
vi.mock(import('../../../src/agent/checks/https.js'), async (original) => {
  const { https, ...rest } = await original();
  return { ...rest, https: (await remote()).inBun(https) };
});
vi.mock(import('../../../src/agent/checks/smtp.js'), async (original) => {
  const { smtp, ...rest } = await original();
  return { ...rest, smtp: (await remote()).inBun(smtp) };
});
vi.mock(import('../../../src/agent/checks/tcp.js'), async (original) => {
  const { tcp, ...rest } = await original();
  return { ...rest, tcp: (await remote()).inBun(tcp) };
});
vi.mock(import('../../../src/agent/checks/udp.js'), async (original) => {
  const { udp, ...rest } = await original();
  return { ...rest, udp: (await remote()).inBun(udp) };
});
vi.mock(import('../../../src/agent/checks/ping.js'), async (original) => {
  const { ping, ...rest } = await original();
  const { inBun, pingInBun } = await remote();
  return { ...rest, ping: inBun(ping), pingProbe: pingInBun };
});
