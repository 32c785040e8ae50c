import { evaluate } from './evaluate.js';
import { pageAsText } from './page.js';

/**
 * Help is laid out here, once: a start then need not load commander for it. The module that makes it is replaced by one
 * that holds it.
 */
const helpAsText = {
  name: 'help-as-text',
  setup({ onLoad }) {
    onLoad({ filter: /src\/ipvsadm\/help\.ts$/ }, async ({ path }) => {
      const { helpText } = await evaluate(path);
      const text = JSON.stringify(helpText());
      return { contents: `export const helpText = () => ${text};` };
    });
  },
};

/** How esbuild bundles programs. */
export const programOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Less to read at each start. Nobody is shown a stack trace.
  minify: true,
  charset: 'utf8',
  legalComments: 'eof',
  plugins: [helpAsText, pageAsText],
  logLevel: 'warning',
};
