import type { Command } from 'commander';
import { PullError } from '../errors.ts';
import { clean, cleanJson } from '../lib/clean.ts';
import type { Search, SearchResult } from '../registry/search.ts';
import { searchHub } from '../wire/login.ts';
import { several } from './options.ts';
import type { Say } from './store.ts';

export interface SearchOptions {
  readonly limit: string;
  readonly filter: readonly string[];
  readonly format: string;
  readonly trunc: boolean;
  readonly index?: string;
}

const MOST = 100;
const WIDEST = 45;

/** Adds `search` to the commands. */
export function addSearch(root: Command, signal: AbortSignal, say: Say, remark: Say): void {
  root
    .command('search')
    .description('search Docker Hub for repositories')
    .argument('<term>', 'what to look for, such as redis')
    .option('--limit <number>', 'at most so many, up to 100', '25')
    .addOption(several('-f, --filter <name=value>', 'is-official=true or stars=100'))
    .option('--format <format>', 'table or json', 'table')
    .option('--no-trunc', 'descriptions in full')
    .option('--index <url>', 'another index that is asked as Docker Hub is')
    .addHelpText('after', '\nExample:\n  pull-image search redis --filter is-official=true --limit 5')
    .action((term: string, options: SearchOptions) => searchCommand(term, options, signal, say, remark));
}

/** `search`: a table as Docker prints it, or JSON. Throws INPUT_INVALID for what cannot be asked for, and what keeps Docker Hub from being asked. */
export async function searchCommand(
  term: string,
  options: SearchOptions,
  signal: AbortSignal,
  say: Say,
  remark: Say,
): Promise<void> {
  if (term.trim() === '') throw odd('search', 'something to look for', term);
  const search = { term, ...readOptions(options) };
  const found = await searchHub(search, process.env, signal, remark);
  if (options.format === 'json') return say(cleanJson(JSON.stringify(found)));
  for (const line of table(found, options.trunc)) say(line);
}

function readOptions({ limit, filter, format, index }: SearchOptions): Omit<Search, 'term'> {
  const number = Number(limit);
  if (!/^\d+$/.test(limit) || number < 1 || number > MOST)
    throw odd('--limit', `a whole number from 1 to ${MOST}`, limit);
  if (format !== 'table' && format !== 'json') throw odd('--format', 'table or json', format);
  if (index !== undefined && !URL.canParse(index)) throw odd('--index', 'a URL', index);
  const filters = filter.map(readFilter);
  return Object.assign({ limit: number, index: index === undefined ? undefined : new URL(index) }, ...filters);
}

function readFilter(text: string): Pick<Search, 'isOfficial' | 'stars'> {
  const [, name, value = ''] = /^([\w-]+)=(.*)$/.exec(text) ?? [];
  if (name === 'is-official' && /^(true|false)$/.test(value)) return { isOfficial: value === 'true' };
  if (name === 'stars' && /^\d+$/.test(value)) return { stars: Number(value) };
  throw odd('--filter', 'is-official=true, is-official=false or stars=<number>', text);
}

function odd(option: string, expected: string, found: string): PullError {
  return new PullError('INPUT_INVALID', option, `expected ${expected}, found ${JSON.stringify(clean(found, 100))}`);
}

function table(found: readonly SearchResult[], short: boolean): readonly string[] {
  const cut = (text: string) => (short && text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text);
  const rows = found.map(({ name, description, stars, isOfficial }) => [
    name,
    cut(description),
    `${stars}`,
    isOfficial ? '[OK]' : '',
  ]);
  const all = [['NAME', 'DESCRIPTION', 'STARS', 'OFFICIAL'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
