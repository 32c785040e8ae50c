/** Exit statuses of the command `ipvs`, with what the manual says of each. */
export const exitStatuses = [
  { name: 'done', status: 0, meaning: 'Done, or there was nothing to do; the answer is yes.' },
  {
    name: 'no',
    status: 1,
    meaning:
      'The answer is no: something was found. The rules were saved, but not all of them can be restored.',
  },
  {
    name: 'usage',
    status: 2,
    meaning: 'The command line or a file is wrong, or IPVS cannot be reached. Nothing was changed.',
  },
  {
    name: 'refused',
    status: 3,
    meaning:
      'The kernel or the system refused something. Nothing was changed, or all of it undone.',
  },
  {
    name: 'partly',
    status: 4,
    meaning:
      'Partly done: what was not done is reported. Or the output could not be written, or an unexpected error occurred.',
  },
  { name: 'hangup', status: 129, meaning: 'Ended by SIGHUP.' },
  { name: 'interrupted', status: 130, meaning: 'Ended by SIGINT.' },
  {
    name: 'brokenPipe',
    status: 141,
    meaning:
      'The reader closed the pipe before all output was written. If the caller ignores SIGPIPE, the status is 0 instead.',
  },
  { name: 'terminated', status: 143, meaning: 'Ended by SIGTERM.' },
] as const;

type StatusName = (typeof exitStatuses)[number]['name'];

/** Exit statuses by name. */
export const exitStatus = Object.fromEntries(
  exitStatuses.map(({ name, status }) => [name, status]),
) as {
  readonly [Name in StatusName]: Extract<(typeof exitStatuses)[number], { name: Name }>['status'];
};

/** `director status` and `realserver status` when it is not running, as LSB specifies for init scripts. */
export const NOT_RUNNING = 3;

/** Of `doctor`: whether something was found, or a check could not be made. */
export const doctorStatus = { passed: 0, findings: 1, skipped: 2 } as const;
