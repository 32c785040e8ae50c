import { forwardingSysctl, interfaceForwarding } from '../../host/requirements.js';
import { familyOf } from '../../ipvs/model/service.js';
import { sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { activeServers, serverRoutes } from '../roles.js';

/** The families with real servers behind NAT: their replies are forwarded as by any router. */
async function natFamilies(
  context: CheckContext,
): Promise<readonly (keyof typeof forwardingSysctl)[]> {
  const families = new Set<keyof typeof forwardingSysctl>();
  for (const { service, destinations } of await context.ipvs.table()) {
    if (destinations.some(({ settings }) => settings.forwardingMethod === 'nat')) {
      families.add(familyOf(service.id));
    }
  }
  return [...families];
}

export const forwardingOff: Check = {
  id: 'forwarding-off',
  severity: 'error',
  title: 'The director does not forward packets, which NAT requires',
  why:
    'Replies of real servers behind NAT come back to the director, which drops them: clients time out, and their ' +
    'connections stay in SYN_RECV.',
  role: 'director',
  run: async (context) => {
    const settings: string[] = [];
    for (const family of await natFamilies(context)) {
      const setting = forwardingSysctl[family];
      const isOff = (await context.machine.sysctlNumber(setting)) === 0;
      const devices = family === 'ipv4' ? await replyDevices(context) : [];
      const contrary = [];
      for (const device of devices) {
        const own = interfaceForwarding('ipv4', device);
        if ((await context.machine.sysctlNumber(own)) === (isOff ? 1 : 0)) contrary.push(own);
      }
      // An interface may have a value that differs from the one for all.
      if (!isOff) settings.push(...contrary);
      else if (devices.length === 0 || contrary.length < devices.length) settings.push(setting);
    }
    return settings.map((setting) => ({
      evidence: formatSysctl(setting, 0),
      fix: [sysctlCommand(setting, 1)],
    }));
  },
};

/** The interfaces on which replies of IPv4 real servers arrive: each has a value of its own. */
async function replyDevices(context: CheckContext): Promise<readonly string[]> {
  const servers = (await activeServers(context)).filter(
    ({ destination: { settings, id } }) =>
      settings.forwardingMethod === 'nat' && id.address.family === 'ipv4',
  );
  const routes = await serverRoutes(context);
  const devices = servers.flatMap(({ address }) => {
    const route = routes.get(address);
    return route?.local === true ? [] : (route?.device ?? []);
  });
  return [...new Set(devices)];
}
