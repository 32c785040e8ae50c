import { expect } from 'vitest';
import { shellQuoted } from '../../src/common/shell-quoted.js';
import { withoutTrailingBlanks } from '../docs/markdown.js';
import type { Step } from '../docs/markdown.js';
import type { Lab, Namespace } from '../lab/lab.js';
import { installOurCommands, ourCommands } from '../lab/our-commands.js';
import { PATIENCE_MS } from '../lab/patience.js';
import { masked, maskingProgram } from './varying.js';

/** Lines that somebody types on a director, in one session of bash, and what is seen then. */

/** Between the outputs of two lines; no command of ours prints it. */
const DIVIDER = '\u001e\n';

/** Each line starts node. */
export const TOUR_MS = 1_800_000;

/** For the synchronisation daemon, which wants an interface. */
export const DUMMY =
  'ip link add eth0 type dummy && ip addr add 192.0.2.254/24 dev eth0 && ip link set eth0 up';

/** What comes to life, unseen by the reader, before the first such line is typed. */
const TRAFFIC_BEFORE = 'ipvs list';

/** From this line on, what is looked at changes by itself. */
const AGENT = /^ipvs agent -f .*&$/;
const LOOKS = /^ipvs (?:status|list|events)\b/;

/**
 * A web server for `socat`: it answers its name, once a request is there. Over a connection on which nothing comes it sends
 * nothing, and does not end it.
 */
const ANSWER = [
  '#!/bin/sh',
  'while read -r line && [ "${#line}" -gt 1 ]; do :; done',
  'printf \'HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s\\n\' $((${#ANSWER} + 1)) "$ANSWER"',
].join('\n');

/** The machines around a director. */
export interface Surroundings {
  readonly clients: Namespace;
  /** Has the addresses of all real servers. */
  readonly servers: Namespace;
}

/**
 * The real servers of the site at 192.0.2.1, and five connections of three clients, over which nothing is sent: what was
 * counted of them is always the same. For bash on the director.
 */
function trafficLines(director: Namespace, { clients, servers }: Surroundings): string {
  const holding = 'exec 3<>/dev/tcp/192.0.2.1/80 && echo connected && exec sleep 10000';
  return `ip link add eth1 type veth peer name port1 netns ${clients.name}
    ip link add eth2 type veth peer name port2 netns ${servers.name}
    ip addr add 198.51.100.1/24 dev eth1 && ip link set eth1 up
    ip addr add 10.0.0.1/24 dev eth2 && ip link set eth2 up
    ip -n ${servers.name} -batch - <<LINES
link set lo up
link set port2 up
addr add 10.0.0.2/24 dev port2
addr add 10.0.0.3/24 dev port2
route add default via 10.0.0.1
LINES
    ip -n ${clients.name} -batch - <<LINES
link set port1 up
addr add 198.51.100.7/24 dev port1
addr add 198.51.100.8/24 dev port1
addr add 198.51.100.9/24 dev port1
LINES
    printf %s ${shellQuoted(ANSWER)} >answer && chmod +x answer
    serve ${servers.name} 10.0.0.2 'Hello from 10.0.0.2'
    serve ${servers.name} 10.0.0.3 'Hello from 10.0.0.3'
    serve ${director.name} 10.0.0.1 'Sorry, back soon.'
    for client in 7 7 7 8 9; do
      ip -n ${clients.name} route replace default via 198.51.100.1 src 198.51.100.$client
      exec {connection}< <(ip netns exec ${clients.name} bash -c '${holding}' </dev/null 2>/dev/null)
      read -r -u $connection
    done
    sleep 4 # The kernel adds up its counters every two seconds.`;
}

/** Web servers, and what is done with them over ssh: they are machines of their own. */
const serverFunctions = (servers: Namespace) => `
  serve() { # NAMESPACE ADDRESS TEXT; it is no job of this shell, but the leader of a group.
    ( ANSWER=$3 setsid ip netns exec "$1" socat "TCP-LISTEN:8080,bind=$2,fork,reuseaddr" EXEC:./answer \\
        </dev/null >/dev/null 2>&1 & echo $! >"$2.pid" )
    until ip netns exec "$1" bash -c ": >/dev/tcp/$2/8080" 2>/dev/null; do sleep 0.1; done
  }
  ssh() { # ADDRESS systemctl stop|start nginx
    case $3 in
      stop) kill -- "-$(cat "$1.pid")" ;;
      start) serve ${servers.name} "$1" "Hello from $1" ;;
    esac
  }`;

/** Types a line, and again while it does not yet show what it is about to: what is written, apart from times. */
const LOOK = `look() { # LINE EXPECTED
    local end=$((SECONDS + ${PATIENCE_MS / 1000})) shown result
    while :; do
      shown=$(eval "$1" 2>&1); result=$?
      [ "$(sed -E '${maskingProgram}; s/[ \\t]+$//' <<<"$shown")" = "$2" ] && break
      [ "$SECONDS" -ge "$end" ] && break
      sleep 0.2
    done
    printf '%s\\n' "$shown"
    return $result
  }`;

function scriptFor(
  director: Namespace,
  steps: readonly Step[],
  around: Surroundings | undefined,
): string {
  const commands = steps.map(({ command }) => command);
  const traffic = commands.indexOf(TRAFFIC_BEFORE);
  const agent = commands.findIndex((command) => AGENT.test(command));
  const typed = steps.map(({ command, output }, index) => {
    const waits = agent >= 0 && index > agent && LOOKS.test(command);
    const expected = masked(output).replace(/\n$/, '');
    const line = waits ? `look ${shellQuoted(command)} ${shellQuoted(expected)}` : command;
    const before = around && index === traffic ? trafficLines(director, around) : '';
    return `${before}\n${line}\nstatus=$?; printf '${DIVIDER.trim()}\\n'; (exit $status)`;
  });
  return `${around ? serverFunctions(around.servers) : ''}
    ${LOOK}
    ${DUMMY}
    trap 'kill $(jobs -p) 2>/dev/null' EXIT
    folder=$(mktemp -d) && cd "$folder" && exec 2>&1
    export STATE_DIRECTORY=$folder/state\n${typed.join('\n')}\n`;
}

/**
 * What a shell shows for each line, in one session. What changes by itself is waited for: until it is what is written there.
 */
export async function typeAll(
  lab: Lab,
  director: Namespace,
  steps: readonly Step[],
  around?: Surroundings,
): Promise<string[]> {
  await installOurCommands(lab);
  const { stdout, stderr } = await director.run(['bash'], {
    stdin: scriptFor(director, steps, around),
    env: { PATH: `${ourCommands}:/usr/sbin:/usr/bin:/sbin:/bin` },
    deadlineMs: TOUR_MS,
  });
  expect(stderr).toBe('');
  const outputs = stdout.split(DIVIDER);
  expect(outputs.pop()).toBe('');
  return outputs.map(withoutTrailingBlanks);
}
