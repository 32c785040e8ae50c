/** What can be done to a real server from the live view. */
export type TopAction =
  | { readonly type: 'drain' | 'undrain'; readonly service: string; readonly server: string }
  | {
      readonly type: 'weight';
      readonly service: string;
      readonly server: string;
      readonly weight: number;
    };

/** An action that is not certain yet. */
export interface Asked {
  readonly action: TopAction;
  /** The weight as far as it is typed; undefined: there is nothing to type. */
  readonly typed: string | undefined;
}

/** What the status line asks. The keys come first: a long address may be cut. */
export function questionOf({ action, typed }: Asked): string {
  const { type, service, server } = action;
  switch (type) {
    case 'drain':
      return `Drain? y/n  ${server} in ${service}`;
    case 'undrain':
      return `End the drain? y/n  ${server} in all its services`;
    case 'weight':
      return `Weight, now ${action.weight}: ${typed ?? ''}_  of ${server} (Enter sets it, Esc leaves it)`;
  }
}

const LARGEST_WEIGHT = 65_535;

/** The weight that was typed; undefined when it is none. */
export function typedWeight(text: string): number | undefined {
  const weight = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return weight <= LARGEST_WEIGHT ? weight : undefined;
}
