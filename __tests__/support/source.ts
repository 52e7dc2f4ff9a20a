import path from 'node:path';
import { type Program, start } from './terminal.ts';

const cli = path.resolve(import.meta.dirname, '../../src/cli.ts');

/** The command line from its source, with the Node of the tests, as words. */
export const sourceCommand = (...args: readonly string[]): readonly [string, ...string[]] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  cli,
  ...args,
];

/** Starts the command line from its source, with the Node of the tests; what Node compiles is not kept in the home folder. */
export function startSource(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
  const [file, ...words] = sourceCommand(...args);
  return start(file, words, { NODE_DISABLE_COMPILE_CACHE: '1', ...environment });
}
