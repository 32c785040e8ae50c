import { HostError } from '../../host/host-error.js';
import type { Host } from '../../host/host.js';
import { ipOption, readLinks, runIp } from '../../host/network.js';
import { replaceFile } from '../../host/replace-file.js';
import type { IpAddress } from '../../ipvs/model/address.js';

/** What the machine shows others of the quorum of services. */
export interface QuorumSystem {
  /** @throws when it cannot be written. */
  writeFile(path: string, text: string): Promise<void>;
  /** Puts an address on an interface, or takes it away; where it is so already, does nothing. @throws when it cannot. */
  setAddress(device: string, address: IpAddress, isThere: boolean): Promise<void>;
}

/** Others read it: keepalived may run as another user. */
const FILE_MODE = 0o644;

export function hostQuorumSystem(host: Host): QuorumSystem {
  return {
    writeFile: async (path, text) => {
      await replaceFile(path, text, FILE_MODE);
    },
    setAddress: async (device, address, isThere) => {
      const link = (await readLinks(host)).find(({ name }) => name === device);
      if (link === undefined) {
        // Without the interface it has no address either.
        if (!isThere) return;
        throw new HostError(
          `there is no interface ${device}; to make one: ip link add ${device} type dummy; ip link set ${device} up`,
        );
      }
      const text = address.toString();
      if (link.addresses.some((one) => one.address === text) === isThere) return;
      const { family } = address;
      const words = [`${text}/${family === 'ipv6' ? 128 : 32}`, 'dev', device];
      // Nobody else on the link is asked whether the address is free: other directors may have it too.
      const noDad = family === 'ipv6' && isThere ? ['nodad'] : [];
      const verb = isThere ? 'add' : 'del';
      const result = await runIp(host, [ipOption(family), 'address', verb, ...words, ...noDad]);
      if (result.status !== 0) throw new HostError(`ip address ${verb}: ${result.stderr.trim()}`);
    },
  };
}
