/** Where the agent listens, unless --socket names another path. */
export const DEFAULT_SOCKET = '/run/ipvs/agent.sock';
