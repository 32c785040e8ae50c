import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { shown } from './check.js';
import type { Path } from './check.js';

/** Nodes of YAML as plain values, without what YAML has beyond JSON. */

/** What aliases may make of a file. */
const MOST_VALUES = 1_000_000;
const BRACKETS = 'a list cannot be a key; an address in brackets must be in quotes';
const TAGS = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

interface Anchored {
  readonly node: Node;
  readonly value: unknown;
  /** How many values it stands for. */
  readonly size: number;
}

/** Takes what is wrong, and where. */
type Complain = (offset: number, message: string) => void;

/** Makes values of nodes, in the order of the text. */
export class YamlValues {
  readonly #complain: Complain;
  readonly #anchors = new Map<string, Anchored>();
  readonly #targets = new Map<Alias, Node>();
  #count = 0;

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  valueOf(node: Node | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#aliased(node);
    const before = this.#count;
    this.#count += 1;
    const { tag } = node;
    if (tag !== undefined && !TAGS.test(tag)) {
      this.#complain(offsetOf(node), `the tag ${shown(tag)} is not allowed in a state file`);
    }
    const value = this.#plain(node);
    const { anchor } = node;
    if (anchor !== undefined) {
      this.#anchors.set(anchor, { node, value, size: this.#count - before });
    }
    return value;
  }

  /** The node at a path, or the nearest above it. */
  nodeAt(root: Node | null, path: Path, at: 'key' | 'value'): Node | null {
    let node = root;
    for (const [index, step] of path.entries()) {
      if (node !== null && isAlias(node)) node = this.#targets.get(node) ?? node;
      const isLast = index === path.length - 1;
      const next = childOf(node, step, isLast && at === 'key');
      if (next === undefined) return node;
      node = next;
    }
    return node;
  }

  #plain(node: Node): unknown {
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return node.items.map((item) => this.valueOf(item as Node | null));
    return isScalar(node) ? node.value : null;
  }

  #map(node: YAMLMap): unknown {
    const value: Record<string, unknown> = {};
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = this.#keyOf(pair.key, node);
      if (key === undefined) continue;
      if (Object.hasOwn(value, key)) {
        this.#complain(offsetOf(pair.key), `the key ${shown(key)} is there already`);
      }
      const item = this.valueOf(pair.value);
      // Assigned, it would be the prototype.
      if (key === '__proto__') Object.defineProperty(value, key, { value: item, enumerable: true });
      else value[key] = item;
    }
    return value;
  }

  #keyOf(key: Node | null, map: YAMLMap): string | undefined {
    if (key !== null && isScalar(key)) {
      const name = nameOf(key);
      if (name !== undefined) return name;
    }
    this.#complain(offsetOf(key ?? map), isSeq(key) ? BRACKETS : 'a key must be text');
    return undefined;
  }

  #aliased(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    if (anchored === undefined) {
      const name = shown(alias.source);
      this.#complain(offsetOf(alias), `the alias ${name} has no anchor before it`);
      return null;
    }
    this.#targets.set(alias, anchored.node);
    const before = this.#count;
    this.#count += anchored.size;
    if (before <= MOST_VALUES && this.#count > MOST_VALUES) {
      const most = `aliases make more than ${MOST_VALUES} values of this file`;
      this.#complain(offsetOf(alias), most);
    }
    // What stands for too much is never looked at.
    return this.#count > MOST_VALUES ? null : anchored.value;
  }
}

/** Whether nothing stands behind a key. */
const isMissing = (node: Node | null): boolean =>
  node === null || (isScalar(node) && node.value === null && node.source === '');

/** The text of a key, which may look like a number. */
function nameOf({ value }: Scalar): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export const offsetOf = (node: Node): number => node.range?.[0] ?? 0;

function childOf(
  node: Node | null,
  step: string | number,
  isKey: boolean,
): Node | null | undefined {
  if (isSeq(node)) return (node.items as Node[])[Number(step)];
  if (!isMap(node)) return undefined;
  const pairs = node.items as Pair<Node, Node | null>[];
  const pair = pairs.findLast(({ key }) => isScalar(key) && nameOf(key) === step);
  if (pair === undefined) return undefined;
  return isKey || isMissing(pair.value) ? pair.key : pair.value;
}
