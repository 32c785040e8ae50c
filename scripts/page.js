// Makes the one document of the agent's page: HTML, with the style and the script inside. When programs and tests are
// bundled, it takes the place of src/agent/page/document.ts.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = join(import.meta.dirname, '../src/agent/page/browser');

/** Not all browsers that are still in use, but those of the last three years. */
const TARGET = ['chrome111', 'firefox115', 'safari16.4'];

async function bundled(name) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, name)],
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'none',
    platform: 'browser',
    target: TARGET,
    format: 'iife',
    logLevel: 'warning',
  });
  return outputFiles[0].text.trim();
}

/** How a content security policy names what may run: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Comments, and what indents the lines: nothing on this page depends on blanks between elements. */
function shorter(html) {
  return html.replaceAll(/<!--[^]*?-->/g, '').replaceAll(/\n\s*/g, '\n');
}

async function pageDocument() {
  const [html, style, script] = await Promise.all([
    readFile(join(folder, 'page.html'), 'utf8'),
    bundled('page.css'),
    bundled('main.ts'),
  ]);
  return {
    html: shorter(html)
      .replace('</head>', () => `<style>${style}</style>\n</head>`)
      .replace('</body>', () => `<script>${script}</script>\n</body>`),
    scriptHash: hashOf(script),
    styleHash: hashOf(style),
  };
}

/** The text of the module that holds the document. */
async function pageModule() {
  return `export const pageDocument = () => (${JSON.stringify(await pageDocument())});`;
}

const PLACE = /src\/agent\/page\/document\.ts$/;

/** For esbuild. */
export const pageAsText = {
  name: 'page-as-text',
  setup({ onLoad }) {
    onLoad({ filter: PLACE }, async () => ({ contents: await pageModule() }));
  },
};

/** For vitest. */
export const pageForTests = {
  name: 'page-for-tests',
  enforce: 'pre',
  load: (id) => (PLACE.test(id) ? pageModule() : undefined),
};
