import type { Page } from 'playwright-core';

/** A service or a server as the list shows it. */
export interface ShownRow {
  readonly kind: string;
  readonly state: string;
  readonly name: string;
  readonly address: string;
  readonly servers: string;
  readonly why: string;
  readonly since: string;
}

/** All rows of the list, from the first to the last: it is scrolled through, since only what is visible is there. */
export async function shownRows(page: Page): Promise<ShownRow[]> {
  const rows = new Map<number, ShownRow>();
  await page.evaluate('window.scrollTo(0, 0)');
  for (;;) {
    const before = await page.evaluate('window.scrollY');
    // Twice: what scrolling causes is drawn in the frame after it.
    await page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
    for (const [index, row] of await page.evaluate(readRows)) rows.set(index, row);
    await page.evaluate('window.scrollBy(0, window.innerHeight)');
    if ((await page.evaluate('window.scrollY')) === before) break;
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
}

/** Runs in the page. */
function readRows(): [number, ShownRow][] {
  return Array.from(document.querySelectorAll('.row:not(.row-detail)'), (row) => {
    const text = (selector: string) => row.querySelector(selector)?.textContent ?? '';
    return [
      Number(row.getAttribute('aria-rowindex')),
      {
        kind: row.classList.contains('row-server') ? 'server' : 'service',
        state: text('.badge'),
        name: text('.name'),
        address: text('.address'),
        servers: text('.cell-servers'),
        why: Array.from(row.querySelectorAll('.cell-why span'), (span) => span.textContent).join(
          '\n',
        ),
        since: row.querySelector('time')?.getAttribute('datetime') ?? '',
      },
    ];
  });
}
