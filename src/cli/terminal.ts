import { cleanLine } from '../lib/clean.ts';

/** One clean line to standard output. */
export const say = (line: string): void => void process.stdout.write(`${cleanLine(line)}\n`);

/** Standard output may be an archive: what is to be read goes beside it. */
export const aside = (text: string): void => void process.stderr.write(text);

/** One clean line to standard error. */
export const complain = (line: string): void => aside(`${cleanLine(line)}\n`);

/** What the process ends with when it ends by itself. */
export const exitWith = (code: number): void => {
  process.exitCode = code;
};
