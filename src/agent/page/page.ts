import { pageDocument } from './document.js';

/** What the agent serves at `/`. */
export interface Page {
  /** One document, with all that it needs. */
  readonly html: string;
  /** What goes with it in the header Content-Security-Policy. */
  readonly contentSecurityPolicy: string;
}

/**
 * The statistics page. It asks for `v1/status`, `v1/services/…`, `v1/events` and `v1/traffic` beside it, and for nothing else.
 * Its policy lets it run the one script that is in it: what servers answer is shown as text, and could not run either.
 */
export function page(): Page {
  const { html, scriptHash, styleHash } = pageDocument();
  return {
    html,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src ${scriptHash}`,
      `style-src ${styleHash}`,
      "connect-src 'self'",
      // The icon in the tab, which has the colour of the state.
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}
