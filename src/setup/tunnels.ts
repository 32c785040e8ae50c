/** The module that takes packets out of their tunnels, and the device that it makes in each network namespace. */
export const tunnels = {
  4: { module: 'ipip', device: 'tunl0' },
  6: { module: 'ip6_tunnel', device: 'ip6tnl0' },
} as const;
