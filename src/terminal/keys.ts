/** A key, or what was pasted. Control characters are named as `ctrl-c`; characters stand for themselves. */
export type Key =
  | { readonly type: 'named'; readonly name: KeyName }
  | { readonly type: 'character'; readonly character: string }
  | { readonly type: 'paste'; readonly text: string };

export type KeyName =
  | ('up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'page-up' | 'page-down' | 'insert')
  | ('delete' | 'enter' | 'escape' | 'backspace' | 'tab')
  | `ctrl-${'c' | 'd' | 'l' | 'u' | 'w' | 'z' | 'b' | 'f'}`;

const ESCAPE = '\u001B';
const PASTE_BEGIN = `${ESCAPE}[200~`;
const PASTE_END = `${ESCAPE}[201~`;
/** Of what is pasted; the rest is passed over. */
const LONGEST_PASTE = 4096;
/** No terminal sends a longer one. */
const LONGEST_SEQUENCE = 32;

/** Control sequences, as xterm, the Linux console and rxvt send them, without their parameters' modifiers. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end' },
  ...{ '1~': 'home', '2~': 'insert', '3~': 'delete', '4~': 'end', '5~': 'page-up' },
  ...{ '6~': 'page-down', '7~': 'home', '8~': 'end' },
};

const CONTROLS: Readonly<Record<string, KeyName>> = {
  ...{ '\r': 'enter', '\n': 'enter', '\t': 'tab', '\u007F': 'backspace', '\b': 'backspace' },
  ...{ '\u0002': 'ctrl-b', '\u0003': 'ctrl-c', '\u0004': 'ctrl-d', '\u0006': 'ctrl-f' },
  ...{ '\u000C': 'ctrl-l', '\u0015': 'ctrl-u', '\u0017': 'ctrl-w', '\u001A': 'ctrl-z' },
};

/** Reads keys from the bytes of a terminal, which may come in any pieces. */
export class KeyReader {
  readonly #decoder = new TextDecoder();
  #rest = '';
  /** Undefined outside of a paste. */
  #pasted: string | undefined;

  /** @returns the keys that are complete. */
  read(bytes: Uint8Array): Key[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#rest !== '') {
      const before = this.#rest.length;
      const key = this.#pasted === undefined ? this.#next() : this.#nextOfPaste(this.#pasted);
      if (key !== undefined) keys.push(key);
      if (this.#rest.length === before) break;
    }
    return keys;
  }

  /** Whether something is incomplete that may be a key by itself: the key Escape is the beginning of others. */
  get isWaiting(): boolean {
    return this.#rest !== '' && this.#pasted === undefined;
  }

  /** Nothing more comes, for now. @returns Escape when only that was typed. */
  flush(): Key[] {
    if (!this.isWaiting) return [];
    const isEscape = this.#rest === ESCAPE;
    this.#rest = '';
    return isEscape ? [{ type: 'named', name: 'escape' }] : [];
  }

  #next(): Key | undefined {
    if (this.#rest.startsWith(ESCAPE)) return this.#nextSequence();
    const [character = ''] = this.#rest;
    this.#rest = this.#rest.slice(character.length);
    const name = CONTROLS[character];
    if (name !== undefined) return { type: 'named', name };
    return isControl(character) ? undefined : { type: 'character', character };
  }

  #nextSequence(): Key | undefined {
    if (this.#rest.startsWith(PASTE_BEGIN)) {
      this.#rest = this.#rest.slice(PASTE_BEGIN.length);
      this.#pasted = '';
      return undefined;
    }
    // eslint-disable-next-line no-control-regex -- it begins with one
    const found = /^\u001B(?:\[([\d;:<=>?]*)[ -/]*([@-~])|O([\d;]*)([A-Za-z]))/.exec(this.#rest);
    if (found === null) return this.#incomplete();
    const [whole, parameters = '', final = '', , application = ''] = found;
    this.#rest = this.#rest.slice(whole.length);
    const [first = ''] = parameters.split(';');
    const name = SEQUENCES[application || (final === '~' ? `${first}~` : final)];
    return name === undefined ? undefined : { type: 'named', name };
  }

  /** A sequence that goes on, or Escape before something else: Alt and a key, which mean nothing here. */
  #incomplete(): Key | undefined {
    // eslint-disable-next-line no-control-regex -- it begins with one
    const mayGoOn = /^\u001B(?:\[[\d;:<=>?]*[ -/]*|O[\d;]*)?$/.test(this.#rest);
    if (mayGoOn && this.#rest.length < LONGEST_SEQUENCE) return undefined;
    const [, second = ''] = this.#rest;
    this.#rest = this.#rest.slice(second === ESCAPE || mayGoOn ? 1 : 1 + second.length);
    return second === ESCAPE ? { type: 'named', name: 'escape' } : undefined;
  }

  #nextOfPaste(pasted: string): Key | undefined {
    const end = this.#rest.indexOf(PASTE_END);
    // The end itself may come in pieces.
    const taken = end === -1 ? Math.max(this.#rest.length - PASTE_END.length + 1, 0) : end;
    const text = `${pasted}${this.#rest.slice(0, taken)}`.slice(0, LONGEST_PASTE);
    this.#rest = this.#rest.slice(end === -1 ? taken : end + PASTE_END.length);
    this.#pasted = end === -1 ? text : undefined;
    return end === -1 ? undefined : { type: 'paste', text };
  }
}

function isControl(character: string): boolean {
  return /\p{Cc}/u.test(character);
}
