import { readFile } from 'node:fs/promises';

/** A table of TOML, its values unread. */
export type Table = Readonly<Record<string, unknown>>;

/** Told of what is odd in a file of the machine's, which then counts as absent. */
export type Warn = (message: string) => void;

const MOST_BYTES = 1024 * 1024;
/** A file that is not there, or not ours to see: the folders of a daemon are often root's alone. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);

/**
 * The table in a TOML file of at most a megabyte; undefined if there is none, or nothing in it that `worth` finds, for then the parser is not even loaded. What
 * cannot be read is a warning. Never throws.
 */
export async function readToml(file: string, warn: Warn, worth = /\S/): Promise<Table | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    if (!worth.test(text)) return undefined;
    if (text.length > MOST_BYTES) throw new RangeError('it has more than a megabyte');
    const { parse } = await import('smol-toml');
    return parse(text);
  } catch (error) {
    const { code, message, line, column } = error as NodeJS.ErrnoException & { line?: number; column?: number };
    if (ABSENT.has(code ?? '')) return undefined;
    // What the parser says quotes the file, which may hold secrets.
    warn(`${file} is not read: ${line ? `it is not TOML (line ${line}, column ${column})` : (code ?? message)}`);
    return undefined;
  }
}
