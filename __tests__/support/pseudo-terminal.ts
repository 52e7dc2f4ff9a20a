import { type Program, start } from './terminal.ts';

/** Runs a program on a terminal of this size (util-linux `script`); stdout is what the terminal got, stderr too, with CR LF for line ends. */
export function onTerminal(
  [file = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  { columns = 100, rows = 30 } = {},
): Program {
  const words = [file, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const line = `stty cols ${columns} rows ${rows}; exec ${words.join(' ')}`;
  return start('script', ['--quiet', '--return', '--command', line, '/dev/null'], environment);
}
