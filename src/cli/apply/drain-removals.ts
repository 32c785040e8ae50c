import type { IpvsClient } from '../../ipvs/client/client.js';
import type { DesiredState } from '../../state/file/desired.js';
import type { ChangeOutcome } from '../change-table.js';
import { noChange } from '../change-table.js';
import type { ConvergeOptions } from './converge.js';
import type { VerbContext } from '../verb.js';

export async function drainRemovals(
  _context: VerbContext,
  _client: IpvsClient,
  _desired: DesiredState,
  _options: ConvergeOptions & { readonly drain: number },
): Promise<ChangeOutcome> {
  return noChange;
}
