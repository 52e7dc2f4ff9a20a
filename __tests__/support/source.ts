import path from 'node:path';
import { type Program, start } from './terminal.ts';

const cli = path.resolve(import.meta.dirname, '../../src/cli.ts');

/** Starts the command line from its source, with the Node of the tests. */
export function startSource(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
  return start(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], environment);
}
