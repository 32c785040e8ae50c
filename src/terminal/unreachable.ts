import { systemErrorText } from '../common/system-errors.js';
import type { IpvsError } from '../ipvs/errors.js';

/** The genuine ipvsadm's text for an errno, whatever the command was. Scripts look for these words. */
export const errnoTexts: Readonly<Record<string, string>> = {
  EPERM: 'Permission denied (you must be root)',
  EINVAL: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  ENOPROTOOPT: 'Protocol not available',
  ENOMEM: 'Memory allocation problem',
  EOPNOTSUPP: 'Operation not supported with IPv6',
  EAFNOSUPPORT: 'Operation not supported with specified address family',
  EMSGSIZE: 'Module is wrong version',
};

/** For root without the capability, as in a container: "you must be root" would not help. */
const ROOT_REFUSED =
  'Root lacks CAP_NET_ADMIN in the initial user namespace: a container needs --cap-add NET_ADMIN, and no user namespace of its own.';

/**
 * What to say when IPVS cannot be reached: two lines, the second of which names the usual reason, and a third where these
 * would mislead.
 */
export function unreachableText(error: IpvsError, superuser: boolean): string {
  const lines = [
    `Can't initialize ipvs: ${reasonOf(error, superuser)}`,
    'Are you sure that IP Virtual Server is built in the kernel or as module?',
  ];
  // Where the system refuses the socket itself, the cause is another.
  if (superuser && error.code === 'EPERM' && error.operation === 'info') lines.push(ROOT_REFUSED);
  return lines.join('\n');
}

function reasonOf({ code, errno }: IpvsError, superuser: boolean): string {
  // The family is missing, with its module. Only root could have loaded that, and the genuine program says so.
  const missing = superuser ? 'ENOPROTOOPT' : 'EPERM';
  return errnoTexts[code === 'ENOENT' ? missing : code] ?? systemErrorText(errno);
}
