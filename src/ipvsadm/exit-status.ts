/** Exit statuses of the compatible programs, those of the genuine ones: scripts look for them. */
export const compatibleStatus = {
  done: 0,
  /** A list that the kernel refused, or output that could not be written. */
  failed: 1,
  /** A usage error, or no IPVS to talk to. */
  usage: 2,
  /** A change that the kernel refused, or a word that is no option. */
  refused: 255,
} as const;
