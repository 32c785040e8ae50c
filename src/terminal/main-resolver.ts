/** The part of Bun's interface that is used here; Bun runs the single executable. */
interface Bun {
  readonly dns: {
    lookup(
      name: string,
      options: { readonly family: 4 | 6; readonly backend: 'libc' },
    ): Promise<readonly { readonly address: string }[]>;
  };
}

/**
 * The system's resolver: /etc/hosts, DNS and whatever else nsswitch.conf names. Bun uses the C library only on request,
 * and for the name of an address it reads /etc/hosts and asks DNS itself.
 */
export const systemResolver = {
  async addressOf(name: string, family: 'ipv4' | 'ipv6'): Promise<string> {
    const number = family === 'ipv4' ? 4 : 6;
    const { Bun } = globalThis as { readonly Bun?: Bun };
    if (Bun !== undefined) {
      const [first] = await Bun.dns.lookup(name, { family: number, backend: 'libc' });
      return first?.address ?? '';
    }
    const { lookup } = await import('node:dns/promises');
    return (await lookup(name, { family: number })).address;
  },
  async nameOf(address: string): Promise<string> {
    prepared ??= prepare();
    const { lookupService } = await prepared;
    return (await lookupService(address, 0)).hostname;
  },
};

let prepared: ReturnType<typeof prepare> | undefined;

/** Settings for looking up many names, which the process reads at its first look-up. */
async function prepare() {
  const { getServers, lookupService } = await import('node:dns/promises');
  // A process ends only after the C library's look-ups, which by default wait ten seconds for each name server. This makes it
  // about three: a single server is asked twice, several are asked once each.
  const attempts = getServers().length > 1 ? 1 : 2;
  process.env['RES_OPTIONS'] ??= `timeout:1 attempts:${attempts}`;
  // Look-ups run on threads of Node's pool, which has four unless this is set before its first use.
  process.env['UV_THREADPOOL_SIZE'] ??= '64';
  return { lookupService };
}
