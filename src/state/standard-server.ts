import { defaultDestinationSettings } from '../ipvs/model/destination.js';
import type { DestinationSettings } from '../ipvs/model/destination.js';

/**
 * How a real server is set for which neither a state file nor a command line says otherwise. Unlike with ipvsadm and the
 * client, whose default is `dr`, any port goes with `nat`.
 */
export const standardServer: DestinationSettings = {
  ...defaultDestinationSettings,
  forwardingMethod: 'nat',
};
