import type { IpAddress } from '../../ipvs/model/address.js';
import type { Family } from '../../common/ip-family.js';
import type { Protocol } from '../../ipvs/model/service.js';
import type { DesiredState } from '../file/desired.js';

/** Something about the import of another program's configuration that a reader has to know. */
export interface ImportNote {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** A sentence without a full stop at its end. */
  readonly message: string;
  /**
   * `lost`: a state file cannot express it, or not quite; these count for `--strict`. `info`: the state file has it, but
   * may surprise, as a default that is easily overlooked.
   */
  readonly kind: 'lost' | 'info';
  /** The service that it is about, as `formatServiceId` writes it; absent where it is about the whole file. */
  readonly service?: string;
  /** The real server of that service, as `formatDestinationId` writes it. */
  readonly server?: string;
}

/** What a configuration comes to. */
export interface Imported {
  readonly state: DesiredState;
  /** In the order of their lines. */
  readonly notes: readonly ImportNote[];
}

/** What an importer asks of its surroundings: it opens no files and looks up no names itself. */
export interface ImportSources {
  /**
   * The text of a file; undefined if there is none.
   * @throws StateFileError when it cannot be read: it is a folder, or too large, or not allowed.
   */
  read(path: string): Promise<string | undefined>;
  /** The files that match a pattern of a shell, sorted. Brackets, braces, stars and question marks. */
  glob(pattern: string): Promise<readonly string[]>;
  /** The address of a host's name; undefined if it has none of this family. */
  addressOf(host: string, family: Family): Promise<IpAddress | undefined>;
  /** The number of a port's name, from /etc/services. */
  portOf(name: string, protocol: Protocol): number | undefined;
  /** What keepalived's option -i names: which of the lines are for this machine. By default its name up to the first dot. */
  readonly configId?: string | undefined;
}

/**
 * Reads a configuration of another program.
 * @param file its path, as it was given; what it includes is relative to it. For standard input, `-`.
 * @throws StateFileError when the file does not exist, cannot be read, or is broken: all that is wrong, with lines.
 */
export type Importer = (file: string, sources: ImportSources) => Promise<Imported>;
