import { cpus, loadavg, totalmem } from 'node:os';

export const MB = 1_000_000;

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

export const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** The machine, as every table of figures has to name it, and how busy others keep it: figures of a machine with a load are worth little. */
export const machine = (): string => {
  const [processor] = cpus();
  const load = loadavg()[0]?.toFixed(1);
  return `${cpus().length} × ${processor?.model}, ${Math.round(totalmem() / 1e9)} GB, load ${load} before; Node ${process.version}`;
};

export const ms = (value: number): string =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
export const mb = (bytes: number): string => `${(bytes / MB).toFixed(bytes < 10 * MB ? 1 : 0)} MB`;

/** Rows as Markdown, the first column left, the others right; a cell that is not known is a dash. */
export function table(head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  const line = (cells: readonly (string | undefined)[]) => `| ${cells.map((cell) => cell ?? '–').join(' | ')} |`;
  return [line(head), `|---|${'---:|'.repeat(head.length - 1)}`, ...rows.map(line)].join('\n');
}

/** A promise of the project, and whether this run kept it. */
export function target(what: string, found: number, limit: number, unit?: string): string {
  const figure = (value: number) => (unit === undefined ? value.toFixed(2) : `${Math.round(value)}${unit}`);
  return `- ${found <= limit ? 'held' : '**missed**'}: ${what} ≤ ${figure(limit)}: ${figure(found)}`;
}
