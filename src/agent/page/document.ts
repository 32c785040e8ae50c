/** The page as it is sent, and the hashes of the script and the style in it, as a content security policy names them. */
export interface PageDocument {
  readonly html: string;
  readonly scriptHash: string;
  readonly styleHash: string;
}

/** Where programs and tests are bundled, scripts/page.js replaces this module with one that holds the page. */
export function pageDocument(): PageDocument {
  throw new Error('The page is not in this program: it was bundled without scripts/page.js');
}
