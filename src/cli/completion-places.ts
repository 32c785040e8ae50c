import { join } from 'node:path';

/** The commands, and the completion scripts they use. */
const scriptOf = {
  ipvs: 'ipvs',
  ipvsadm: 'ipvsadm',
  'ipvsadm-save': 'ipvsadm',
  'ipvsadm-restore': 'ipvsadm',
} as const;

export const commandNames = Object.keys(scriptOf);

interface CompletionPlace {
  /** Where a shell looks for it. */
  readonly path: string;
  /** Its name in dist/completions. */
  readonly file: string;
}

/**
 * Where shells look for completions below a folder `share`.
 * @param zsh the folder of zsh there: distributions have one for their packages.
 */
export function completionPlaces(share: string, zsh = 'zsh/site-functions'): CompletionPlace[] {
  const scripts = Object.entries(scriptOf);
  return [
    // These shells look for a file with the command's name.
    ...scripts.map(([name, script]) => {
      return { path: join(share, 'bash-completion/completions', name), file: `${script}.bash` };
    }),
    ...scripts.map(([name, script]) => {
      return {
        path: join(share, `fish/vendor_completions.d/${name}.fish`),
        file: `${script}.fish`,
      };
    }),
    ...['_ipvs', '_ipvsadm'].map((name) => ({ path: join(share, zsh, name), file: name })),
  ];
}
