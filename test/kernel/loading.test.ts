/** Which packages the built programs load: each costs milliseconds at every start. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../lab/project.js';
import { useNamespace } from '../support/director.js';

const director = useNamespace();
/** And what finds its binary. */
const NETLINK = ['netlink', 'node-gyp-build'];

/** V8 reports every script that a process has loaded, by its place. Compiled code of earlier starts hides nothing. */
async function packagesOf(program: string, words: readonly string[]): Promise<string[]> {
  const script = `
    folder=$(mktemp -d /run/loading.XXXXXX)
    NODE_V8_COVERAGE=$folder "$@" >/dev/null 2>&1
    cat "$folder"/*.json`;
  const command = [process.execPath, join(projectFolder, 'bin', `${program}.js`), ...words];
  const { stdout } = await director().run(['sh', '-c', script, 'sh', ...command]);
  const { result } = JSON.parse(stdout) as { readonly result: readonly { readonly url: string }[] };
  const names = result.flatMap(({ url }) => /\/node_modules\/([^/]+)\//.exec(url)?.slice(1) ?? []);
  expect(result.map(({ url }) => url).join('\n')).toContain(`dist/bin/${program}.cjs`);
  return [...new Set(names)].sort();
}

test.each([
  { program: 'ipvsadm', words: ['-h'], packages: [] },
  { program: 'ipvsadm', words: ['-v'], packages: [] },
  { program: 'ipvsadm', words: ['-A'], packages: [] },
  { program: 'ipvsadm', words: ['-Ln'], packages: NETLINK },
  { program: 'ipvsadm-save', words: ['-n'], packages: NETLINK },
  { program: 'ipvsadm-restore', words: [], packages: NETLINK },
  { program: 'ipvs', words: ['-h'], packages: ['commander'] },
  { program: 'ipvs', words: ['rules', 'save', '-f', '-'], packages: ['commander', ...NETLINK] },
  { program: 'ipvs', words: ['director', 'down'], packages: ['commander'] },
  { program: 'ipvs', words: ['doctor', '--passive'], packages: ['commander', ...NETLINK] },
])('$program $words loads $packages', async ({ program, words, packages }) => {
  expect(await packagesOf(program, words)).toEqual(packages);
});
