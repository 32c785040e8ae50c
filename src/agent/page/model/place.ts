import { isOrder } from './query.js';
import type { Query } from './query.js';

/** What of the page is in its address, so that it can be sent to somebody: search, filter, order, open services. */
export interface Place extends Query {
  readonly open: readonly string[];
}

export function placeOf(hash: string): Place {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const order = fields.get('sort') ?? '';
  return {
    search: fields.get('search') ?? '',
    onlyWrong: fields.get('wrong') === '1',
    order: isOrder(order) ? order : 'worst',
    open: fields.getAll('open'),
  };
}

/** What differs from the page as it is first shown; nothing where nothing does. */
export function hashOf({ search, onlyWrong, order, open }: Place): string {
  const fields = new URLSearchParams();
  if (search !== '') fields.set('search', search);
  if (onlyWrong) fields.set('wrong', '1');
  if (order !== 'worst') fields.set('sort', order);
  for (const service of open) fields.append('open', service);
  const text = fields.toString();
  return text === '' ? '' : `#${text}`;
}
