/** Exit statuses of the compatible programs, those of the genuine ones: scripts look for them. */
export const compatibleStatus = {
  done: 0,
  /** A list that the kernel refused, or output that could not be written. */
  failed: 1,
  /** A usage error, or IPVS cannot be reached. */
  usage: 2,
  /** A change that the kernel refused, or an unknown option. */
  refused: 255,
} as const;
