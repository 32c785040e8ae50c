/** State files that are wrong, each with the place and a part of what is said. */

/** A case: what it is, the text, and lines of `line:column: part of the message`. */
export type Broken = readonly [what: string, text: string, ...problems: string[]];

/** A service with one more line. */
const web = (line: string): string =>
  `services:\n  - service: tcp:192.0.2.1:80\n    ${line.replaceAll('\n', '\n    ')}\n`;
/** Its servers, in one line. */
const servers = (line: string): string => web(`servers: [${line}]`);
/** A server with further keys. */
const server = (keys: string): string => servers(`{server: 10.0.0.2:80, ${keys}}`);
const check = (keys: string): string => web(`check: {${keys}}`);
const rules = (line: string): string => `# saved\n-A -t 192.0.2.1:80 -s rr\n${line}\n`;

const twoServices = (one: string, other: string) => `services:\n  - ${one}\n  - ${other}\n`;
const mark = '{service: "mark:1", name: a}';

export const brokenFiles: readonly Broken[] = [
  // The text as such.
  ['a tab that indents', 'services:\n\t- service: mark:1\n', '2:1: a tab cannot indent YAML'],
  ['a list that is not closed', 'services: [\n', '2:1: this is not YAML'],
  ['a quote that is not closed', 'services: "x\n', '2:1: this is not YAML'],
  ['two values of a key', 'version: 1: 2\n', '1:10: this is not YAML'],
  [
    'indentation that fits nothing',
    'services:\n    - service: mark:1\n  - x\n',
    '3:1: this is not',
  ],
  [
    'IPv6 without quotes',
    web('servers:\n  - [2001:db8::2]:80'),
    '4:22: an address in brackets must be in quotes: "[2001:db8::2]:80"',
  ],
  [
    'IPv6 without quotes in a list',
    servers('[2001:db8::2]:80'),
    '3:15: a list cannot be a key; an address in brackets must be in quotes',
  ],
  ['two documents', 'version: 1\n---\nversion: 1\n', '2:1: a second document'],
  ['YAML 1.1', '%YAML 1.1\n---\nversion: 1\n', '1:1: YAML 1.1 is not read here'],
  ['a tag', 'version: !int 1\n', '1:10: this is not YAML: Unresolved tag'],
  ['a tag of YAML 1.1', 'services: !!set {}\n', '1:17: the tag'],
  ['binary data', web('name: !!binary aGk='), '3:20: the tag'],
  ['an alias without anchor', 'services: *x\n', '1:11: the alias "x" has no anchor'],
  ['an alias to what it is in', 'services: &x [*x]\n', '1:15: the alias "x" has no anchor'],
  ['a key that is a list', '? [a]\n: 1\n', '1:3: a list cannot be a key'],
  ['a key twice', 'version: 1\nversion: 1\n', '2:1: the key "version" is there already'],
  [
    'a key twice in one line',
    servers('{server: 10.0.0.2:80, weight: 1, weight: 2}'),
    '3:48: the key "weight"',
  ],
  ['merge keys', web('<<: {scheduler: rr}'), '3:5: unknown key "<<"'],
  [
    'JSON with a key twice',
    '{"version":1,\n "version":1}',
    '2:2: the key "version" is there already',
  ],
  [
    'JSON with a key twice below',
    '{"services":[{"service":"mark:1","name":"a","name":"b"}]}',
    '1:45: the key "name"',
  ],
  ['JSON that ends too early', '{"services": [', '1:15: this is not YAML'],
  ['text alone', 'hello\n', '1:1: file: "hello" is not an object'],
  ['a list alone', '- a\n', '1:1: file: a list is not an object'],
  ['a number alone', '7', '1:1: file: 7 is not an object'],
  [
    'a mark of byte order, and then a mistake',
    '\ufeffvershun: 1\n',
    '1:1: unknown key "vershun"; did you mean "version"?',
  ],
  [
    'line ends of Windows',
    'version: 1\r\nservices:\r\n  - servic: mark:1\r\n',
    '3:5: service is missing',
    '3:5: unknown key "servic"; did you mean "service"?',
  ],
  ['control characters in a key', '"a\\e[31mb": 1\n', '1:1: unknown key "a\\u001b[31mb"'],
  ['NUL in a name', web('name: "a\\0b"'), '3:11: name: "a\\u0000b" is not a name'],
  // Keys.
  [
    'an unknown key of the file',
    'service: []\n',
    '1:1: unknown key "service"; did you mean "services"?',
  ],
  ['an unknown key like none', 'zzzzzzzz: 1\n', '1:1: unknown key "zzzzzzzz"'],
  ['the prototype', '__proto__: 1\n', '1:1: unknown key "__proto__"'],
  ['the prototype in JSON', '{"__proto__": {"version": 1}}', '1:2: unknown key "__proto__"'],
  ['a key of every object', 'constructor: 1\n', '1:1: unknown key "constructor"'],
  [
    'an unknown key of a service',
    web('schedular: wrr'),
    '3:5: unknown key "schedular"; did you mean "scheduler"?',
  ],
  [
    'a key in other case',
    web('Scheduler: wrr'),
    '3:5: unknown key "Scheduler"; did you mean "scheduler"?',
  ],
  [
    'an unknown key of a server',
    server('weigth: 1'),
    '3:37: unknown key "weigth"; did you mean "weight"?',
  ],
  [
    'an unknown key of persistence',
    web('persistence: {timeout: 1}'),
    '3:19: unknown key "timeout"',
  ],
  [
    'an unknown key of a tunnel',
    server('method: tun, tunnel: {typ: gue}'),
    '3:59: unknown key "typ"; did you mean "type"?',
  ],
  [
    'an unknown key of defaults',
    'defaults: {methods: nat}\n',
    '1:12: unknown key "methods"; did you mean "method"?',
  ],
  ['an unknown key of timeouts', 'timeouts: {tcp: 1}\n', '1:12: unknown key "tcp"'],
  [
    'an unknown key of a daemon',
    'syncDaemons: [{role: master, interface: eth0, syncid: 1}]\n',
    '1:47: unknown key "syncid"; did you mean "syncId"?',
  ],
  ['a key of another type of check', check('type: tcp, path: /'), '3:24: unknown key "path"'],
  ['a service without its key', 'services: [{name: a}]\n', '1:12: service is missing'],
  ['a server without its key', servers('{weight: 1}'), '3:15: server is missing'],
  ['a daemon without a role', 'syncDaemons: [{interface: eth0}]\n', '1:15: role is missing'],
  // Types.
  ['a version to come', 'version: 2\n', '1:10: version: 2 is not 1'],
  ['no value for services', 'services:\n', '1:1: services: has no value; for none write []'],
  ['no value for servers', web('servers:'), '3:5: servers: has no value; for none write []'],
  ['no value for a name', web('name:'), '3:5: name: has no value'],
  ['services by name', 'services: {web: {}}\n', '1:11: services: an object is not a list'],
  ['a service as text', 'services: [mark:1]\n', '1:12: services: "mark:1" is not an object'],
  [
    'a service as number',
    'services:\n  - service: 7\n',
    '2:14: service: 7 is not a virtual service',
  ],
  [
    'a name as number',
    web('name: 7'),
    '3:11: name: 7 is not a name of letters',
    'write it in quotes',
  ],
  ['a server as number', servers('7'), '3:15: servers: 7 is not a real server'],
  ['a list in a list', servers('[]'), '3:15: servers: a list is not a real server'],
  [
    'a weight in quotes',
    server('weight: "3"'),
    '3:45: weight: "3" is not a whole number from 0 to 2147483647; write it without quotes',
  ],
  ['a weight as word', server('weight: high'), '3:45: weight: "high" is not a whole number'],
  ['a switch as word', web('onePacket: yes'), '3:16: onePacket: "yes" is not true or false'],
  [
    'flags as text',
    web('schedulerFlags: mh-port'),
    '3:21: schedulerFlags: "mh-port" is not a list',
  ],
  ['persistence as text', web('persistence: 5m'), '3:18: persistence: "5m" is not a whole number'],
  ['timeouts as number', 'timeouts: 900\n', '1:11: timeouts: 900 is not an object'],
  ['defaults as list', 'defaults: []\n', '1:11: defaults: a list is not an object'],
  // Ranges and forms.
  ['a negative weight', server('weight: -1'), '3:45: weight: -1 is not a whole number'],
  [
    'a weight beyond what the kernel holds',
    server('weight: 2147483648'),
    '3:45: weight: 2147483648',
  ],
  ['half a weight', server('weight: 1.5'), '3:45: weight: 1.5 is not a whole number'],
  ['a weight without end', server('weight: .inf'), '3:45: weight: Infinity is not'],
  [
    'a threshold beyond 32 bits',
    server('upperThreshold: 4294967296'),
    '3:53: upperThreshold: 4294967296',
  ],
  [
    'a number beyond all in JSON',
    '{"services":[{"service":"mark:1","persistence":1e400}]}',
    '1:48: persistence: Infinity',
  ],
  ['persistence of 0', web('persistence: 0'), '3:18: persistence: 0 is not a whole number from 1'],
  [
    'a timeout of 0',
    'timeouts: {udpSeconds: 0}\n',
    '1:24: udpSeconds: 0 is not a whole number from 1',
  ],
  [
    'an id of a daemon beyond 8 bits',
    'syncDaemons: [{role: master, interface: eth0, syncId: 256}]\n',
    '1:55: syncId: 256',
  ],
  [
    'an interface that is too long',
    'syncDaemons: [{role: master, interface: abcdefghijklmnop}]\n',
    '1:41: interface: "abcdefghijklmnop" is not the name',
  ],
  [
    'a group that is no multicast address',
    'syncDaemons: [{role: master, interface: eth0, group: 10.0.0.1}]\n',
    '1:54: group: "10.0.0.1" is not a multicast',
  ],
  [
    'a role that is none',
    'syncDaemons: [{role: slave, interface: eth0}]\n',
    '1:22: role: "slave" is not one of master, backup',
  ],
  [
    'a service without protocol',
    'services: [{service: "192.0.2.1:80"}]\n',
    '1:22: service: "192.0.2.1:80" has no protocol; write tcp:192.0.2.1:80',
  ],
  [
    'a service without port',
    'services: [{service: "tcp:192.0.2.1"}]\n',
    '1:22: service: "tcp:192.0.2.1" has no port; add it, as in tcp:192.0.2.1:80',
  ],
  [
    'a port beyond 16 bits',
    'services: [{service: "tcp:192.0.2.1:65536"}]\n',
    '1:22: service: "tcp:192.0.2.1:65536" is not',
  ],
  [
    'a name of a port that is unknown',
    'services: [{service: "tcp:192.0.2.1:web"}]\n',
    '1:22: service: "tcp:192.0.2.1:web" is not',
  ],
  [
    'an address that is none',
    'services: [{service: "tcp:192.0.2.256:80"}]\n',
    '1:22: service: "tcp:192.0.2.256:80" is not',
  ],
  ['a mark of 0', 'services: [{service: "mark:0"}]\n', '1:22: service: "mark:0" is not'],
  [
    'a host name',
    'services: [{service: "tcp:www.example.com:80"}]\n',
    '1:22: service: "tcp:www.example.com:80" is not',
  ],
  [
    'a server without port',
    servers('10.0.0.2'),
    '3:15: servers: "10.0.0.2" has no port; add it, as in 10.0.0.2:80',
  ],
  [
    'a server that is a service',
    servers('"tcp:10.0.0.2:80"'),
    '3:15: servers: "tcp:10.0.0.2:80" is not a real server',
  ],
  ['a name that is an address', web('name: 10.0.0.1'), '3:11: name: "10.0.0.1" is not a name'],
  ['a name with blanks', web('name: my web'), '3:11: name: "my web" is not a name'],
  [
    'a scheduler that is none',
    web('scheduler: wrrr'),
    '3:16: scheduler: "wrrr" is not one of rr, wrr',
    'did you mean "wrr"?',
  ],
  [
    'a flag that is none',
    web('schedulerFlags: [port]'),
    '3:22: schedulerFlags: "port" is not one of',
  ],
  [
    'a method that is none',
    web('method: masq'),
    '3:13: method: "masq" is not one of nat, dr, tun, local',
  ],
  ['the method of the kernel alone', web('method: bypass'), '3:13: method: "bypass" is not one of'],
  [
    'a tunnel that is none',
    server('method: tun, tunnel: {type: vxlan}'),
    '3:65: type: "vxlan" is not one of ipip, gue, gre',
  ],
  [
    'a netmask that is none',
    web('persistence: {timeoutSeconds: 1, netmask: /24}'),
    '3:47: netmask: "/24" is not an IPv4 netmask',
  ],
  [
    'an engine that is none',
    web('persistence: {engine: sipp}'),
    '3:27: engine: "sipp" is not sip; did you mean "sip"?',
  ],
  // The agent's.
  [
    'a check that is none',
    check('type: htp'),
    '3:19: type: "htp" is not one of tcp, http',
    'did you mean "http"?',
  ],
  ['a check without type', check('path: /'), '3:12: type is missing: one of tcp, http'],
  ['no checks', web('check: []'), '3:12: check is empty'],
  [
    'checks, one of them none',
    web('check: [{type: tcp}, none]'),
    '3:26: check: "none" is not an object',
  ],
  [
    'a time without unit',
    check('type: tcp, interval: 2'),
    '3:34: interval: 2 is not a time such as 500ms, 2s or 1m',
  ],
  [
    'a time of no length',
    check('type: tcp, interval: 0s'),
    '3:34: interval: "0s" is not a time',
    'above 0',
  ],
  ['a time with another unit', 'drain: 1h\n', '1:8: drain: "1h" is not a time'],
  [
    'a range of codes the wrong way',
    check('type: http, status: [299-200]'),
    '3:34: status: "299-200" is not',
  ],
  [
    'a command that is a line',
    check('type: exec, command: /bin/true -x'),
    '3:34: command: "/bin/true -x" is not a list',
  ],
  ['a check of exec without command', check('type: exec'), '3:12: command is missing'],
  ['a share of nothing', web('quorum: 0%'), '3:13: quorum: "0%" is not a share from 1% to 100%'],
  ['a quorum of 0', web('quorum: 0'), '3:13: quorum: 0 is not a whole number from 1'],
  [
    'a webhook to elsewhere without TLS',
    'webhook: http://example.com/\n',
    '1:10: webhook: "http://example.com/" is not a URL',
  ],
  [
    'a header that ends its line',
    check('type: http, headers: {A: "b\\r\\nC: d"}'),
    '3:38: A: "b\\r\\nC: d" is not one line',
  ],
  [
    'a sorry server of another family',
    web('sorryServer: "[::1]:80"'),
    '3:18: [::1]:80 is not of the address family',
  ],
  // Duplicates and contradictions.
  [
    'two services with one selector',
    twoServices('service: tcp:192.0.2.1:80', 'service: TCP/192.0.2.1:80'),
    '3:14: the service tcp:192.0.2.1:80 is there already, in line 2',
  ],
  [
    'two services with one name',
    twoServices(mark, mark.replace('1', '2')),
    '3:31: another service is called a too, in line 2',
  ],
  [
    'two marks that are one',
    twoServices('service: mark:16', 'service: mark:0x10'),
    '3:14: the service mark:16 is there already, in line 2',
  ],
  [
    'a server twice',
    servers('10.0.0.2:80, {server: 10.0.0.2:80, weight: 2}'),
    '3:28: the server 10.0.0.2:80 is there already, in line 3',
  ],
  [
    'two masters',
    'syncDaemons:\n  - {role: master, interface: eth0}\n  - {role: master, interface: eth1}\n',
    '3:5: there is already a daemon with role master, in line 2',
  ],
  [
    'another port with dr',
    server('method: dr').replace('2:80', '2:8080'),
    'with method dr the port must be that of the service, 80',
  ],
  [
    'another port with tun',
    server('method: tun').replace('2:80', '2:81'),
    'with method tun the port must be that of the service, 80',
  ],
  [
    'mixed families without a tunnel',
    servers('{server: "[2001:db8::2]:80", method: nat}'),
    '3:24: [2001:db8::2]:80 is not of the address family of its service, which only method tun allows',
  ],
  [
    'a lower threshold above the upper one',
    server('upperThreshold: 1, lowerThreshold: 2'),
    '3:72: 10.0.0.2:80: lowerThreshold 2 is above upperThreshold 1',
  ],
  [
    'a tunnel without its method',
    server('tunnel: {type: gre}'),
    '3:45: 10.0.0.2:80: tunnel is for method tun; this server has nat',
  ],
  [
    'gue without a port',
    server('method: tun, tunnel: {type: gue}'),
    '3:58: 10.0.0.2:80: a gue tunnel needs a port',
  ],
  [
    'a flag of another scheduler',
    web('scheduler: wrr\nschedulerFlags: [mh-port]'),
    '4:21: mh-port is for scheduler mh; this service has wrr',
  ],
  [
    'a prefix for IPv4',
    web('persistence: {timeoutSeconds: 1, prefixLength: 24}'),
    '3:18: prefixLength is for IPv6; for IPv4 write netmask',
  ],
  [
    'a netmask for IPv6',
    'services: [{service: "tcp:[::1]:80", persistence: {timeoutSeconds: 1, netmask: 255.0.0.0}}]\n',
    '1:51: netmask is for IPv4; for IPv6 write prefixLength',
  ],
  [
    'a mask without a timeout',
    web('persistence: {netmask: 255.0.0.0}'),
    '3:18: timeoutSeconds is missing',
  ],
  ['persistence that says nothing', web('persistence: {}'), '3:18: timeoutSeconds is missing'],
  // Rules.
  [
    'a rule that is none',
    rules('-a -t 192.0.2.1:80'),
    "3: You need to supply the 'real-server' option",
  ],
  [
    'a service twice in rules',
    rules('-A -t 192.0.2.1:80'),
    '3: cannot add the service tcp:192.0.2.1:80: it already exists',
  ],
  [
    'a server of no service in rules',
    rules('-a -t 192.0.2.2:80 -r 10.0.0.2:80'),
    '3: cannot add the real server',
  ],
  ['a listing in rules', rules('-L -n'), '3: this command is not part of a saved table'],
  ['a host name in rules', rules('-a -t 192.0.2.1:80 -r nowhere.example:80'), '3: '],
  ['another language in rules', rules('services: []'), '3: '],
  // All at once.
  [
    'mistakes of every kind',
    web('schedular: rr\nmethod: masq\nservers: [10.0.0.2]'),
    '3:5: unknown key "schedular"',
    '4:13: method: "masq"',
    '5:15: servers: "10.0.0.2" has no port',
  ],
];
