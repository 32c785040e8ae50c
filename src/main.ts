/** The main file of the single executable, which contains all commands: it acts as the one whose name it was started with. */
import { basename } from 'node:path';

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
