/** What the socket uses of Bun's foreign function interface: https://bun.sh/docs/api/ffi. */
declare module 'bun:ffi' {
  type Type = 'i32' | 'u32' | 'ptr';
  type Value<T extends Type> = T extends 'ptr' ? ArrayBufferView : number;
  type Values<T extends readonly Type[]> = { [K in keyof T]: Value<T[K]> };

  interface Declaration {
    readonly args: readonly Type[];
    readonly returns: 'i32' | 'ptr';
  }

  /** Loads functions of a shared library. */
  export function dlopen<const D extends Readonly<Record<string, Declaration>>>(
    library: string,
    declarations: D,
  ): { readonly symbols: { [K in keyof D]: (...values: Values<D[K]['args']>) => number } };

  /** Reads memory at an address. */
  export const read: { i32(address: number): number };
}
