/** HTTPS on real servers: each has a certificate and secrets of its own, so that a session goes on only where it began. */
import { LabError } from './errors.js';
import type { Namespace } from './namespace.js';

/** Servers, one per port, whose certificate says NAME. They end with the namespace. */
export async function serveTls(
  realServer: Namespace,
  { name, ports }: { readonly name: string; readonly ports: readonly number[] },
): Promise<void> {
  const script = `name=$1; shift; cd "$(mktemp -d)"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out certificate -subj "/CN=$name" 2>error
    for port; do openssl s_server -accept "$port" -key key -cert certificate -www </dev/null >/dev/null 2>&1 & done
    for port; do until ss -Htln "sport = :$port" | grep -q .; do sleep 0.05; done; done`;
  const argv = ['sh', '-ec', script, 'sh', name, ...ports.map(String)];
  const { code, stderr } = await realServer.run(argv);
  if (code !== 0) throw new LabError(`no TLS server in ${realServer.name}: ${stderr}`);
}

/**
 * Two connections, the second of which takes up the session of the first: `New rs1` or `Reused rs1` of each.
 * TLS 1.2 gives the session within the handshake.
 */
export async function askTwiceByTls(client: Namespace, target: string): Promise<string[]> {
  const script = `cd "$(mktemp -d)"
    for session in '-sess_out session' '-sess_in session'; do
      openssl s_client -tls1_2 -connect "$1" $session </dev/null 2>error || cat error
    done`;
  const { stdout } = await client.run(['sh', '-c', script, 'sh', target]);
  const names = Array.from(stdout.matchAll(/^subject=CN ?= ?(\S+)/gm), ([, name = '']) => name);
  const kinds = Array.from(stdout.matchAll(/^(New|Reused), /gm), ([, kind = '']) => kind);
  return kinds.map((kind, index) => `${kind} ${names[index] ?? ''}`);
}
