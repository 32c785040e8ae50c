/** Every text on standard error, and the law that there are no others. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { commandWords, silence } from '../support/command.js';
import { errnoOf } from '../../src/testing/fake-kernel.js';
import type { ErrnoName } from '../../src/testing/fake-kernel.js';
import { faulty } from '../support/faulty-socket.js';
import {
  largeTexts,
  machineTexts,
  messages,
  partsOfTexts,
  patternOf,
  progressTexts,
  rulesTexts,
  textOf,
  wordsOf,
} from '../support/messages.js';
import type { Message } from '../support/messages.js';
import { project, sources } from '../support/sources.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

/** A kernel as the message wants it, with its table, and a signal that comes with the first change. */
async function kernelFor(message: Message) {
  const { table, release, refusal, unreachable, lost, interrupted } = message;
  const controller = new AbortController();
  const kernel = tableKernel({
    ...(release !== undefined && { release }),
    refuse: ({ command }) => {
      if (command === 'GET_INFO') return unreachable;
      if (interrupted !== undefined) controller.abort(interrupted);
      return refusal;
    },
  });
  if (table !== undefined) {
    const loaded = await commandWords(['-R'], { kernel, stdin: table });
    expect(loaded).toEqual(silence);
  }
  const socket = lost === undefined ? kernel : losingBehind(2, kernel, lost);
  return { kernel: socket, interruption: controller.signal };
}

/** The kernel with an error of the socket in place of each answer but the first ones. */
function losingBehind(answers: number, kernel: OpenNetlinkSocket, code: ErrnoName) {
  let received = 0;
  return faulty(kernel, {
    receive: (datagram) => {
      received += 1;
      return received > answers ? errnoOf(code) : datagram;
    },
  });
}

const shown = messages.map((message) => ({ ...message, shown: textOf(message).slice(0, 60) }));

test.each(shown)('ipvsadm $line: $shown', async (message) => {
  const { stdin, program, superuser, status } = message;
  const outcome = await commandWords(wordsOf(message), {
    ...(await kernelFor(message)),
    ...(stdin !== undefined && { stdin }),
    ...(program !== undefined && { program }),
    ...(superuser !== undefined && { superuser }),
  });
  expect(outcome).toEqual({ status, stdout: '', stderr: `${textOf(message)}\n` });
});

describe('an error number of the kernel', () => {
  test.each(Object.keys(constants.errno) as ErrnoName[])('%s has a text', async (code) => {
    const kernel = tableKernel({
      refuse: ({ command }) => (command === 'FLUSH' ? code : undefined),
    });
    const { status, stdout, stderr } = await commandWords(['-C'], { kernel });
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toMatch(/^(?!Unknown)[A-Z.].*\n$/);
  });
});

/** Files whose texts go to standard output, or are the C library's. */
const NO_ERRORS =
  /\/(?:format|help|version-line|system-errors|schedulers|main-resolver|listing|format-rules|exit-status|load-rules|rules-file|parse-text)\.ts$|\/completions\//;
/** Properties that help is made of, and names of things. */
const NO_TEXTS = ['help', 'otherwise', 'synopsis', 'positionals', 'group'];
/** Of mistakes in the program itself, and of errors that never leave it. */
const INTERNAL = ['a value that was checked for is missing', 'host name %s is not looked up'];

/** Every text of a file that has a blank in it, with `%s` for what is filled in. */
function textsOf({ path, text }: { readonly path: string; readonly text: string }): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const literal = literalOf(node);
    if (literal?.includes(' ') === true && !isHelp(node)) found.push(literal);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

function literalOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `%s${literal.text}`).join('');
}

function isHelp({ parent }: ts.Node): boolean {
  return (
    (ts.isPropertyAssignment(parent) && NO_TEXTS.includes(parent.name.getText())) ||
    // A group of options is a type of such names too.
    (ts.isLiteralTypeNode(parent) && / options$|^'service'/.test(parent.getText().slice(1, -1)))
  );
}

describe('the table of messages', () => {
  const known = messages.map(textOf);
  const elsewhere = [
    ...INTERNAL,
    ...machineTexts,
    ...progressTexts,
    ...rulesTexts,
    ...largeTexts,
    ...partsOfTexts,
  ];

  test('has every text that the source can print as an error', () => {
    const files = sources().filter(
      ({ path }) => /^src\/(?:ipvsadm|rules|terminal)\//.test(path) && !NO_ERRORS.test(path),
    );
    const texts = files.flatMap(textsOf).filter((text) => !elsewhere.includes(text));
    expect(texts.length).toBeGreaterThan(60);
    const missing = texts.filter((text) => {
      const pattern = new RegExp(patternOf(text, '.*'), 's');
      return !known.some((one) => pattern.test(one));
    });
    expect(missing).toEqual([]);
  });

  test('has every text once for each of its causes', () => {
    const asked = messages.map((message) => JSON.stringify(message));
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('is what the manual of the exit statuses promises', () => {
    const manual = readFileSync(join(project, 'man/ipvsadm.8'), 'utf8');
    const statuses = [...new Set(messages.map(({ status }) => status))].sort((a, b) => a - b);
    expect(statuses).toEqual([1, 2, 130, 255]);
    for (const status of statuses) {
      expect(manual).toMatch(new RegExp(`^\\.It (?:\\d+ , )*${status}(?: , \\d+)*$`, 'm'));
    }
  });
});
