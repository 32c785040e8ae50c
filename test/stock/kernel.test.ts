import { expect, test } from 'vitest';
import { useLab } from '../support/director.js';

/** What the tests of this project run on: else they would say nothing that the kernel tests do not say. */

const lab = useLab();

test('it is the kernel of the distribution, with its own modules, and no user-mode Linux', async () => {
  const { stdout } = await lab().run(['uname', '-rv']);
  process.stdout.write(`The stock kernel is ${stdout}`);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+-\S*amd64 #1 SMP .*Debian/);
  expect((await lab().run(['ls', '/sys/module/ip_vs/holders'])).code).toBe(0);
});
