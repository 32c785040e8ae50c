/** Tables of rules, made by counting: the same each time, in the order in which both programs save them. */

export interface Shape {
  readonly services: number;
  readonly serversEach: number;
}

/** 1,000 virtual services of 20 real servers each: 21,000 rules. */
export const LARGE: Shape = { services: 1000, serversEach: 20 };
/** A tenth of it, and five times as much. */
export const SMALL: Shape = { services: 100, serversEach: 20 };
export const HUGE: Shape = { services: 5000, serversEach: 20 };
/** 100,000 rules. */
export const LINES: Shape = { services: 5000, serversEach: 19 };

const SERVICE_PORT = 80;
const SERVER_PORT = 8080;
/** 10.1.0.0 and 10.128.0.0: networks with room for what is counted from there. */
const FIRST_SERVICE = 0x0a01_0000;
const FIRST_SERVER = 0x0a80_0000;

export function ruleCount({ services, serversEach }: Shape): number {
  return services * (1 + serversEach);
}

/** `21,000 rules`. */
export function sizeOf(shape: Shape): string {
  return `${ruleCount(shape).toLocaleString('en')} rules`;
}

/** The address of a virtual service, from 0. */
export function serviceOf(index: number): string {
  return `${dotted(FIRST_SERVICE + index)}:${SERVICE_PORT}`;
}

/** All rules, as `-S -n` prints them. */
export function rulesOf(shape: Shape): string {
  const lines: string[] = [];
  for (let service = 0; service < shape.services; service += 1) {
    const name = serviceOf(service);
    lines.push(`-A -t ${name} -s rr`);
    for (let server = 0; server < shape.serversEach; server += 1) {
      const address = dotted(FIRST_SERVER + service * shape.serversEach + server);
      lines.push(`-a -t ${name} -r ${address}:${SERVER_PORT} -m -w ${1 + (server % 9)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The rules with a new weight for one real server in so many. */
export function withOtherWeights(rules: string, every: number): string {
  let servers = 0;
  return rules.replace(/^(-a .* -w )\d+$/gm, (line, start: string) => {
    servers += 1;
    return servers % every === 0 ? `${start}${OTHER_WEIGHT}` : line;
  });
}

const OTHER_WEIGHT = 77;

export function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
