/** The main file of the single executable, which contains all commands: it acts as the one whose name it was started with. */
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';

// In Bun, what NODE_DEBUG asks for is written, but nobody learns that it is: the messages are only there for who listens.
const traced = /(?:^|,)\s*(?:ipvs|\*)\s*(?:,|$)/i.test(process.env['NODE_DEBUG'] ?? '');
if (traced) subscribe('ipvs:request', () => undefined);

switch (basename(process.argv0)) {
  case 'ipvsadm':
    void import('./ipvsadm/main-ipvsadm.js');
    break;
  case 'ipvsadm-save':
    void import('./ipvsadm/main-save.js');
    break;
  case 'ipvsadm-restore':
    void import('./ipvsadm/main-restore.js');
    break;
  default:
    void import('./cli/main-executable.js');
}
