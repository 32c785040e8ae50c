/** Every text that the compatible command says on standard error, and a command line that gets it. */
import type { Release } from '../../src/index.js';
import type { ErrnoName } from '../../src/testing/fake-kernel.js';
import { lines } from './lines.js';
import type { Case } from './lines.js';

/** A text, and what gets it. */
export interface Message {
  /** The command line; words are divided by blanks, and `''` is an empty one. */
  readonly line: string;
  readonly stdin?: string;
  readonly program?: Case['program'];
  /** Rules of the table before. */
  readonly table?: string;
  /** The kernel, when it is an old one. */
  readonly release?: Release;
  /** What the kernel answers to anything but the question what it is. */
  readonly refusal?: ErrnoName;
  /** What it answers to that question. */
  readonly unreachable?: ErrnoName;
  /** What comes in place of all answers behind that one. */
  readonly lost?: ErrnoName;
  /** The exit status that a signal asks for, which comes with the first change. */
  readonly interrupted?: number;
  /** Default true. */
  readonly superuser?: boolean;
  /** `%s` stands for what `said` has. */
  readonly text: string;
  readonly said?: readonly string[];
  readonly status: number;
  /** Where the genuine program says something else, or nothing, on purpose; deviations.test.ts has what it does. */
  readonly deviates?: true;
}

/** The text with what is said in it. */
export function textOf({ text, said = [] }: Message): string {
  const rest = [...said];
  return text.replaceAll('%s', () => rest.shift() ?? '');
}

/** A text as a regular expression, with what may stand where something is filled in. */
export function patternOf(text: string, filling: string): string {
  return text
    .split('%s')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join(filling);
}

/** The words of a message's line. */
export function wordsOf({ line }: Message): readonly string[] {
  return lines(line)[0]?.words ?? [];
}

const WEB = '-t 192.0.2.1:80';
const SERVICE = `-A ${WEB}`;
const SERVER = `-a ${WEB} -r 10.0.0.2`;
const table = `-A -f 1\n-a -f 1 -r 10.0.0.2\n-A ${WEB}`;

/** Of the first option, status 255, and of libpopt. */
const grammar: readonly Message[] = [
  ...['foo', '-n', '-q', '--list=3', '-6', '--', "''"].map((line) => ({
    line,
    text: "Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
    status: 255,
  })),
  ...[
    ['-L -q', '-q'],
    ['-Lqn', '-Lqn'],
    ['-L --nosuch=3', '--nosuch=3'],
  ].map(([line = '', word = '']) => ({
    line,
    text: '%s: unknown option',
    said: [word],
    status: 255,
  })),
  { line: '-A -t', text: '%s: missing argument', said: ['-t'], status: 255 },
  { line: '-At', text: '%s: missing argument', said: ['-At'], status: 255 },
  { line: '-A -w', text: '%s: missing argument', said: ['-w'], status: 255 },
  ...['-Ln=3', '--numeric='].map((word) => ({
    line: word.startsWith('--') ? `-L ${word}` : word,
    text: '%s: option does not take an argument',
    said: [word],
    status: 255,
  })),
];

const usage = (line: string, text: string, ...said: string[]): Message => ({
  line,
  text,
  ...(said.length > 0 && { said }),
  status: 2,
});

/** Of options and words together. */
const combinations: readonly Message[] = [
  usage('-L -h', "invalid option `%s'", '-h'),
  usage('-AL', "invalid option `%s'", '-AL'),
  usage('-L --set', "invalid option `%s'", '--set'),
  usage('-L foo', 'unexpected argument %s', 'foo'),
  usage("-C ''", 'unexpected argument %s', ''),
  usage('--set 1 2 3 4', 'unexpected argument %s', '4'),
  usage('--set 1 2', '--set option requires 3 timeout values'),
  usage('--start-daemon foo', 'illegal start-daemon parameter specified'),
  usage('--stop-daemon foo', 'illegal start_daemon specified'),
  usage(`${SERVICE} -u 192.0.2.1:53`, "multiple '%s' options specified", 'service-address'),
  usage(`${SERVER} -g -m`, "multiple '%s' options specified", 'forwarding-method'),
  ...[
    ['-A', 'service-address', 'add-service'],
    ['-E', 'service-address', 'edit-service'],
    ['-D', 'service-address', 'delete-service'],
    [`-a ${WEB}`, 'real-server', 'add-server'],
    [`-e ${WEB}`, 'real-server', 'edit-server'],
    [`-d ${WEB}`, 'real-server', 'delete-server'],
  ].map(([line = '', ...said]) =>
    usage(line, "You need to supply the '%s' option for the '%s' command", ...said),
  ),
  ...[
    [`${SERVICE} -w 1`, 'weight', 'add-service'],
    ['-C -n', 'numeric', 'flush'],
    ['-S -c', 'connection', 'save'],
    ['-R -n', 'numeric', 'restore'],
    ['-Z -n', 'numeric', 'zero'],
    ['-L -w 1', 'weight', 'list'],
    ['--set 1 2 3 --ops', 'ops', 'set'],
    ['--start-daemon master -n', 'numeric', 'start-daemon'],
    ['--stop-daemon master --mcast-ttl 3', 'mcast-ttl', 'stop-daemon'],
  ].map(([line = '', ...said]) =>
    usage(line, "Illegal '%s' option with the '%s' command", ...said),
  ),
  usage(
    '-L -c --timeout',
    "The option '%s' conflicts with the '%s' option in the '%s' command",
    'timeout',
    'connection',
    'list',
  ),
  ...['-c --stats', '--timeout --rate', '--daemon --thresholds', '--timeout --persistent-conn'].map(
    (words) => usage(`-L ${words}`, 'options conflicts in the list command'),
  ),
];

const SERVICE_ADDRESS = 'illegal virtual server address[:port] specified';
const SERVER_ADDRESS = 'illegal real server address[:port] specified';
const TIMEOUT = "invalid timeout value `%s' specified";
const DAEMON = '--start-daemon master';

/** Of values. */
const values: readonly Message[] = [
  ...['-A -t 1 -t 2', '-A -t nosuch.invalid:80', '-A -t 192.0.2.1:65536', "-A -u ''"].map((line) =>
    usage(line, SERVICE_ADDRESS),
  ),
  ...[`-a ${WEB} -r 10.0.0.2:x`, `-d ${WEB} -r 7`].map((line) => usage(line, SERVER_ADDRESS)),
  { ...usage(`-a -r 10.0.0.2:nosuch ${WEB}`, SERVER_ADDRESS), deviates: true },
  ...['0', 'x', '4294967296'].map((value) =>
    usage(`-A -f ${value}`, "invalid fwmark value `%s' specified", value),
  ),
  ...['0', 'x', '2678401'].map((value) => usage(`${SERVICE} -p ${value}`, TIMEOUT, value)),
  ...['x', '-1', '2678401'].map((value) => usage(`--set -- 1 2 ${value}`, TIMEOUT, value)),
  usage(`${SERVICE} -M x.invalid`, 'illegal virtual server persistent mask specified'),
  usage('-Z -M x.invalid', 'illegal virtual server persistent mask specified'),
  usage('-A -t [2001:db8::1]:80 -M 129', 'illegal ipv6 netmask specified'),
  usage(`${SERVER} -w -1`, 'illegal weight specified'),
  usage(`${SERVER} -x x`, 'illegal u_threshold specified'),
  usage(`${SERVER} -y 2147483648`, 'illegal l_threshold specified'),
  usage(`${DAEMON} --syncid 256`, 'illegal syncid specified'),
  usage(`${DAEMON} --mcast-port 0`, 'illegal mcast-port specified'),
  usage(`${DAEMON} --mcast-ttl 256`, 'illegal mcast-ttl specified'),
  usage(`${DAEMON} --sync-maxlen 65508`, 'illegal sync-maxlen specified'),
  usage(`${DAEMON} --mcast-group 192.0.2.1`, "invalid %s mcast-group `%s'", 'IPv4', '192.0.2.1'),
  usage(`${DAEMON} --mcast-group ::1`, "invalid %s mcast-group `%s'", 'IPv6', '::1'),
  usage(`${SERVER} -i --tun-type foo`, 'illegal tunnel type specified'),
  usage(`${SERVER} -i --tun-port 0`, 'illegal tunnel port specified'),
  usage(`${SERVICE} -b foo`, "invalid scheduler flag `%s'", 'foo'),
  { ...usage(`${SERVICE} -b ''`, "invalid scheduler flag `%s'", ''), deviates: true },
  usage(`${SERVICE} -b sh-port`, "incompatible scheduler flag `%s'", 'sh-port'),
];

/** Of services and real servers that cannot be. */
const meanings: readonly Message[] = [
  usage('-A -t 192.0.2.1', 'Zero port specified for non-persistent service'),
  usage(`${SERVICE} -o`, 'One-Packet Scheduling is only for UDP virtual services'),
  usage(
    `-a ${WEB} -r 2001:db8::2`,
    'Different address family is allowed only for tunneling servers',
  ),
  usage(`${SERVER} --tun-csum`, 'Tunnel options conflict with forward method'),
  usage(
    `${SERVER} -i --tun-csum`,
    "Illegal '%s' option with the '%s' tunnel type",
    'tun-csum',
    'ipip',
  ),
  usage(
    `${SERVER} -i --tun-type gue`,
    "You need to supply the '%s' option for the '%s' tunnel type",
    'tun-port',
    'gue',
  ),
  usage(
    `${SERVER} -i --tun-type gre --tun-csum --tun-nocsum`,
    "The option '%s' conflicts with the '%s' option in the '%s' tunnel type",
    'tun-csum',
    'tun-nocsum',
    'gre',
  ),
  // The genuine program ends this line twice.
  ...[`${SERVICE} -6`, '-L -6', '-Z -6 foo'].map((line) => usage(line, '-6 used before -f\n')),
];

const refused = (line: string, text: string, status = 255): Message => ({
  line,
  table,
  text,
  status,
});

/** Of the kernel, by command. */
const refusals: readonly Message[] = [
  refused('-A -f 1', 'Service already exists'),
  refused('-a -f 1 -r 10.0.0.2', 'Destination already exists'),
  { ...refused(DAEMON, 'Daemon has already run'), table: `${table}\n${DAEMON}` },
  ...['-E -f 2', '-D -f 2', '-Z -f 2'].map((line) => refused(line, 'No such service')),
  refused('-L -f 2', 'No such service', 1),
  ...['-a', '-e', '-d'].map((command) =>
    refused(`${command} -f 2 -r 10.0.0.2`, 'Service not defined'),
  ),
  refused('--stop-daemon backup', 'No daemon is running'),
  ...['-A -f 2 -s nosuch', '-E -f 1 -s nosuch', '-A -f 2 -p --pe nosuch'].map((line) =>
    refused(line, 'Scheduler or persistence engine not found'),
  ),
  ...['-e', '-d'].map((command) => refused(`${command} -f 1 -r 10.0.0.3`, 'No such destination')),
  refused('-a -f 1 -r 10.0.0.3 -x 1 -y 2', 'Numerical result out of range'),
  refused('--start-daemon backup --mcast-interface nosuch', 'No such device'),
  { ...refused('-Z -t 0.0.0.0:0', 'No such service'), deviates: true },
];

const EVERYWHERE = {
  EPERM: 'Permission denied (you must be root)',
  EINVAL: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  ENOPROTOOPT: 'Protocol not available',
  ENOMEM: 'Memory allocation problem',
  EOPNOTSUPP: 'Operation not supported with IPv6',
  EAFNOSUPPORT: 'Operation not supported with specified address family',
  EMSGSIZE: 'Module is wrong version',
  ENETUNREACH: 'Network is unreachable',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EBUSY: 'Device or resource busy',
  E2BIG: 'Argument list too long',
} as const satisfies Partial<Record<ErrnoName, string>>;

/** Of the kernel, by error number: most cannot be had from a real one. */
export const errnoMessages: readonly Message[] = Object.entries(EVERYWHERE).flatMap(
  ([code, text]) =>
    ['-A -f 2', '-d -f 1 -r 10.0.0.2', '-C', '--set 1 2 3', DAEMON, '-L', '-S', '-L --daemon'].map(
      (line) => ({
        line,
        refusal: code,
        text,
        status: line.startsWith('-L') || line === '-S' ? 1 : 255,
      }),
    ),
);

const TOO_OLD = 'Linux %s or later is needed for %s';
const old = (release: Release, line: string, since: Release, what: string, text = TOO_OLD) => ({
  line,
  release,
  table: `${table}\n-a ${WEB} -r 10.0.0.3 -i`,
  text,
  said: [since, what],
  status: 255,
});

/** Of kernels that are too old, where the genuine program says nothing. */
const unsupported: readonly Message[] = [
  old('3.10', `-a ${WEB} -r 2001:db8::2 -i`, '3.18', 'a real server of another address family'),
  old('5.1', `${SERVER} -i --tun-type gue --tun-port 6080`, '5.2', 'this tunnel type'),
  old('5.2', `${SERVER} -i --tun-type gre`, '5.3', 'this tunnel type'),
  old(
    '5.2',
    `${SERVER} -i --tun-type gue --tun-port 6080 --tun-remcsum`,
    '5.3',
    'tunnel checksums',
  ),
  old('4.4', `${SERVER} -i --tun-type gre --tun-csum`, '5.3', 'this tunnel type, tunnel checksums'),
  old(
    '4.4',
    `-e ${WEB} -r 10.0.0.3 -i --tun-type gue --tun-port 6080`,
    '5.2',
    'this tunnel type',
    `${TOO_OLD}; all else was set`,
  ),
  ...[
    ['--sync-maxlen 1400', 'sync-maxlen'],
    ['--mcast-group 224.0.0.82', 'mcast-group'],
    ['--mcast-group ff02::81', 'mcast-group'],
    ['--mcast-port 8849 --mcast-ttl 2', 'mcast-port, mcast-ttl'],
  ].map(([options = '', what = '']) => old('4.1', `${DAEMON} ${options}`, '4.3', what)),
];

const UNREACHABLE =
  "Can't initialize ipvs: %s\nAre you sure that IP Virtual Server is built in the kernel or as module?";

/** What is said when the kernel answers so to the question what it is. */
export const initializeText = (code: keyof typeof EVERYWHERE): string =>
  `${UNREACHABLE.replace('%s', EVERYWHERE[code])}\n`;

/** Where root is not allowed, which the others take for the one who is. */
export const ROOT_REFUSED =
  'Root lacks CAP_NET_ADMIN in the initial user namespace: a container needs --cap-add NET_ADMIN, and no user namespace of its own.';

/** Of a restore whose replies were lost. */
const unknownOutcomes: readonly Message[] = [
  ['-A -f 1', 'line 1'],
  ['\n-A -f 1\n# more\n-A -f 2', 'lines 2 to 4'],
].map(([stdin = '', place = '']) => ({
  line: '-R',
  stdin,
  lost: 'ENOBUFS',
  text: '%s: %s; what took effect is not known, and the rest was not tried',
  said: [place, 'No buffer space available'],
  status: 255,
}));

/** Of ours alone: there is no kernel to talk to, a restore that goes wrong, the usage of save. */
export const ownMessages: readonly Message[] = [
  ...unsupported,
  ...(['EPERM', 'EINVAL', 'EBUSY'] as const).map((unreachable) => ({
    line: '-Ln',
    unreachable,
    superuser: false,
    text: UNREACHABLE,
    said: [EVERYWHERE[unreachable]],
    status: 2,
  })),
  {
    line: '-Ln',
    unreachable: 'EPERM',
    text: `${UNREACHABLE}\n${ROOT_REFUSED}`,
    said: [EVERYWHERE.EPERM],
    status: 2,
  },
  ...[
    ['-A -f x', "invalid fwmark value `x' specified", 2],
    ['-A -f 9 -q', '-q: unknown option', 2],
    ['-L -6', '-6 used before -f', 2],
    ['rubbish', "Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 2],
    ['-R', "Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 2],
    ['-A -f 1', 'Service already exists', 255],
    ['-D -f 7', 'No such service', 255],
    ['-L -f 7', 'No such service', 255],
  ].map(([rule = '', complaint = '', status]) => ({
    line: '-R',
    stdin: `\n${rule}\n`,
    table,
    text: 'line %s: %s\n  %s',
    said: ['2', String(complaint), String(rule)],
    status: Number(status),
  })),
  {
    line: '-R',
    stdin: `-A ${'x'.repeat(65_536)}`,
    text: 'line 1: the line is too long\n  %s',
    said: [`-A ${'x'.repeat(197)}...`],
    status: 2,
  },
  {
    line: '-R',
    stdin: '#\n'.repeat(1_000_001),
    text: 'line %s: more than %s lines\n  #',
    said: ['1000001', '1000000'],
    status: 2,
  },
  ...unknownOutcomes,
  {
    line: '-R',
    stdin: '--set 1 2 3\n\n-A -f 1\n',
    interrupted: 130,
    text: 'interrupted: %s of %s rules applied, up to line %s',
    said: ['1', '2', '1'],
    status: 130,
  },
  {
    line: '-x',
    program: 'ipvsadm-save',
    text:
      'Usage: ipvsadm-save [-n]\n' +
      'Writes the virtual services and their real servers to standard output as rules that\n' +
      'ipvsadm-restore reads.\n' +
      '  -n  numbers instead of names for addresses and ports\n\n' +
      'Example: ipvsadm-save -n > /etc/ipvsadm.rules',
    status: 1,
  },
];

/** Those that the genuine program can be asked for too. */
export const sharedMessages: readonly Message[] = [
  ...grammar,
  ...combinations,
  ...values,
  ...meanings,
  ...refusals,
];

export const messages: readonly Message[] = [...sharedMessages, ...errnoMessages, ...ownMessages];

/** Texts that depend on the machine, a full disk or no /proc: processes in the lab get them. */
export const machineTexts: readonly string[] = ['cannot write: %s', 'cannot open file %s'];

/** Texts that a terminal shows while there is much to do; progress.test.ts has them. */
export const progressTexts: readonly string[] = ['%s lines read', '%s of %s rules'];

/** Texts that want much input; restore-input.test.ts has them. */
export const largeTexts: readonly string[] = ['more than %s MiB'];

/** Parts of texts that are longer. */
export const partsOfTexts: readonly string[] = ['lines %s to %s', ', up to line %s'];

/** Texts of rules files and of tables that a restore does not bring back; cli/rules.test.ts and rules/restorable.test.ts have them. */
export const rulesTexts: readonly string[] = [
  'not a rule: a line begins with a command such as -A or -a',
  'a shell assignment; that belongs to /etc/sysconfig/ipvsadm-config',
  'no option stands for the forwarding method bypass',
  'no option stands for the tunnel type',
];
