/** A kernel that runs as a process of this machine, with the host's files as its root file system. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly guest: GuestSettings;
}

/** What the guest's first program, guest/init.sh, must know of its kernel. */
export interface GuestSettings {
  /** How the folder that host and guest share is mounted. */
  readonly LAB_SHARE_TYPE: string;
  readonly LAB_SHARE_OPTIONS: string;
  /** The folder that holds the modules of the guest's release. */
  readonly LAB_MODULES: string;
  /** The terminals behind the third and fourth file descriptor of the program. */
  readonly LAB_CONTROL: string;
  readonly LAB_TERMINAL: string;
}

/** The guest's first program, in the folder that host and guest share. */
export const INIT = 'init.sh';

const KERNELS = ['user-mode', 'stock'] as const;

/** Debian's user-mode Linux, or the kernel that Debian's machines run. */
export type KernelKind = (typeof KERNELS)[number];

/** The kernel that `IPVS_LAB_KERNEL` asks for. */
export function kernelOfEnvironment(): KernelKind {
  const wanted = process.env['IPVS_LAB_KERNEL'];
  return KERNELS.find((kind) => kind === wanted) ?? 'user-mode';
}
