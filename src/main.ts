/** The main file of the single executable, which contains all commands: it acts as the one whose name it was started with. */
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';

// In Bun, what NODE_DEBUG asks for is written, but nobody learns that it is: the messages are only there for who listens.
const traced = /(?:^|,)\s*(?:ipvs|\*)\s*(?:,|$)/i.test(process.env['NODE_DEBUG'] ?? '');
if (traced) subscribe('ipvs:request', () => undefined);

/**
 * How much later than usual Bun compiles code. These commands end within a second, and most of the code that they would have
 * compiled by then does not run often enough to pay for it: a list of 21,000 rules spent a fifth of its time on that.
 */
const COMPILE_LATER = 200;

function compileLate(): void {
  const { Bun } = globalThis as {
    readonly Bun?: { readonly unsafe: { setJITPolicy(times: number): void } };
  };
  Bun?.unsafe.setJITPolicy(COMPILE_LATER);
}

switch (basename(process.argv0)) {
  case 'ipvsadm':
    compileLate();
    void import('./ipvsadm/main-ipvsadm.js');
    break;
  case 'ipvsadm-save':
    compileLate();
    void import('./ipvsadm/main-save.js');
    break;
  case 'ipvsadm-restore':
    compileLate();
    void import('./ipvsadm/main-restore.js');
    break;
  default:
    void import('./cli/main-executable.js');
}
