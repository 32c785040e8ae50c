import { expect, test } from 'vitest';
import { useNamespace, useLab } from '../support/director.js';

const director = useNamespace();
const lab = useLab();

test('boots Linux 6.1 with IPVS', async () => {
  const { stdout } = await lab().run(['uname', '-r']);
  expect(stdout).toMatch(/^\d+\.\d+/);
  expect((await director().genuine(['-Ln'])).stdout).toContain('size=4096');
});
