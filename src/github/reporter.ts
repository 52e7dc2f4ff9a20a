import { clean, cleanLine } from '../lib/clean.ts';
import { count, formatBytes, formatSeconds } from '../lib/format.ts';
import type { ImageOutcome, PullEvent, Report, Saved } from '../outcome.ts';
import { commandLine, toStdout, type Write } from './commands.ts';
import { dockerLines } from './docker-words.ts';
import { pushedLine, pushLines, pushTotalsLine } from './push-words.ts';
import { lowQuotaText } from './quota-words.ts';
import { movedText, sourceLine } from './source-words.ts';
import { type Columns, columnsOf, failureText, otherNames, totalsLine } from './wording.ts';

export interface ReporterOptions {
  readonly write?: Write;
  /** Where images that failed go, and warnings that are no workflow commands; with the other lines by default. */
  readonly complain?: Write | undefined;
  /** Milliseconds since any fixed moment. */
  readonly now?: () => number;
  /** Only the result lines, and warnings. */
  readonly quiet?: boolean;
  /** Workflow commands for groups, notices and warnings: on a runner, not in a terminal. */
  readonly groups?: boolean;
}

const PROGRESS_EVERY_MS = 10_000;

/**
 * The one place that prints. A result line for each image, with `✓` or `✗` before it and columns that line up as far as the lengths are known; its layers in
 * Docker's words in a group above it; progress at most every 10 s. No text in any event can become a workflow command.
 */
export function createReporter({
  write = toStdout,
  complain = write,
  now = Date.now,
  quiet = false,
  groups = false,
}: ReporterOptions = {}): Report {
  const print = (line: string, to = write) => to(`${cleanLine(line)}\n`);
  const detail = quiet ? () => {} : print;
  const remark = (level: 'notice' | 'warning', message: string) =>
    groups
      ? write(commandLine(level, message))
      : print(`${level}: ${clean(message)}`, level === 'warning' ? complain : write);
  const [downloading, pushing] = [progressLines('Downloading', now), progressLines('Pushing', now)];
  const resultLine = resultLines();
  let engine = '';

  function printImage(image: ImageOutcome): void {
    printLines(image.key, dockerLines(image), resultLine.of(image, engine), image.error);
  }

  function printLines(title: string, layers: readonly string[], result: string, error: object | undefined): void {
    const lines = quiet ? [] : layers;
    if (groups && lines.length > 0) write(commandLine('group', title));
    for (const line of lines) print(line);
    if (groups && lines.length > 0) write(commandLine('endgroup'));
    print(result, error ? complain : write);
  }

  return (event) => {
    if (event.type === 'image') return printImage(event.image);
    if (event.type === 'pushed')
      return printLines(event.image.key, pushLines(event.image), pushedLine(event.image), event.image.error);
    if (event.type === 'warning') return remark('warning', event.message);
    if (event.type === 'moved') return quiet ? undefined : remark('notice', movedText(event.tag));
    if (event.type === 'quota') return quiet ? undefined : remark('notice', lowQuotaText(event.quota));
    if (event.type === 'notice') return quiet ? undefined : remark('notice', event.message);
    if (event.type === 'progress' || event.type === 'pushing') {
      const line =
        event.type === 'progress'
          ? downloading(event.received, event.expected, event.layersDone, event.layers)
          : pushing(event.sent, event.expected, event.blobsDone, event.blobs);
      return line === undefined ? undefined : detail(line);
    }
    if (event.type === 'started') {
      engine = event.engine ?? '';
      resultLine.expect(event.keys);
    }
    if (event.type === 'discovered') for (const line of event.left) detail(clean(line));
    const line = detailLine(event);
    if (line !== undefined) detail(line);
  };
}

/** What happened between start and result, in a line; layers that arrive are left to the image's group. */
function detailLine(
  event: Exclude<PullEvent, { type: 'image' | 'pushed' | 'progress' | 'pushing' | 'quota' | 'notice' | 'warning' }>,
): string | undefined {
  switch (event.type) {
    case 'started':
      return `Pulling ${count(event.keys.length, 'image')} into ${event.store}${event.engine ? ` and ${clean(event.engine)}` : ''}`;
    case 'discovered':
    case 'locked':
      return sourceLine(event);
    case 'tags':
      return `${clean(event.key)}: ${count(event.listed, 'tag')} listed, ${event.taken} taken`;
    case 'planned':
      // Every image has failed by now, or has nothing in it.
      if (event.layers === 0) return undefined;
      return event.missing === 0
        ? `${count(event.layers, 'layer')}, ${formatBytes(event.bytes)}; nothing to download`
        : `${count(event.layers, 'layer')}, ${formatBytes(event.bytes)}; ${formatBytes(event.missingBytes)} in ${count(event.missing, 'blob')} to download`;
    case 'finished':
      return totalsLine(event.totals);
    case 'push-finished':
      return pushTotalsLine(event.totals);
    case 'loading':
      return `Loading ${clean(event.key)} into ${clean(event.engine)}`;
    case 'retry':
      return `Retrying ${clean(event.subject)}${waitWords(event)}: ${clean(event.reason)}`;
    case 'mirror':
      return event.problem === undefined
        ? `${clean(event.subject)} comes from the mirror ${clean(event.mirror)}${event.file === undefined ? '' : ` (${clean(event.file)})`}`
        : `The mirror ${clean(event.mirror)} does not serve ${clean(event.subject)}: ${clean(event.problem)}${event.over ? '; it is not asked again' : ''}`;
    case 'saved':
      return savedLine(event.saved, event.limit, event.seconds);
    case 'swept':
      return `Swept ${count(event.images, 'image')} from the store, ${formatBytes(event.bytes)}, the least recently used`;
    case 'moved':
    case 'stored':
    case 'kept':
    case 'leased':
      return undefined;
  }
}

function waitWords({ delayMs, asked }: Extract<PullEvent, { type: 'retry' }>): string {
  if (delayMs === 0) return ' at once';
  return ` in ${formatSeconds(delayMs / 1000)}${asked ? ', as the registry asks' : ''}`;
}

/** What went into the cache, what did not and why; nothing if there was nothing to say. */
function savedLine(saved: Saved, limit: number, seconds: number): string | undefined {
  const { entries, bytes, present, failed, left, withheld } = saved;
  const facts = [
    entries > 0
      ? `saved ${formatBytes(bytes)} in ${entries === 1 ? '1 entry' : `${entries} entries`} in ${formatSeconds(seconds)}`
      : '',
    present > 0 ? `${present} there already` : '',
    failed > 0 ? `${failed} not taken` : '',
    left.entries > 0
      ? `${left.entries} left out, ${formatBytes(left.bytes)} (a run saves ${formatBytes(limit)}, 40 entries, and for 3 minutes at most)`
      : '',
    withheld.length > 0
      ? `kept out, for the repository is public, and they need a login or come from inside your network: ${withheld.map((key) => clean(key)).join(', ')}`
      : '',
  ].filter((fact) => fact !== '');
  return facts.length > 0 ? `Actions cache: ${facts.join('; ')}` : undefined;
}

/** A line at most every 10 s, the first 10 s after the first event; the rate is that since the line before. */
function progressLines(
  what: string,
  now: () => number,
): (moved: number, expected: number, done: number, blobs: number) => string | undefined {
  let last: { at: number; moved: number } | undefined;
  return (moved, expected, done, blobs) => {
    const at = now();
    last ??= { at, moved: 0 };
    const elapsed = at - last.at;
    if (elapsed < PROGRESS_EVERY_MS) return undefined;
    const rate = Math.max(0, moved - last.moved) / (elapsed / 1000);
    last = { at, moved };
    // What had come was thrown away, for its blob failed: that is said where the image fails.
    if (moved === 0) return undefined;
    return `${what}: ${formatBytes(moved)} of ${formatBytes(expected)}, ${done} of ${count(blobs, 'blob')} done, ${(rate / 1e6).toFixed(1)} MB/s`;
  };
}

/** Result lines whose columns are as wide as the widest so far, and as the keys that are expected. */
function resultLines() {
  const widths: Record<keyof Columns, number> = { key: 20, digest: 19, platforms: 11, size: 6, source: 8, time: 5 };
  const pad = (columns: Columns, name: keyof Columns): string => {
    const { length } = columns[name];
    widths[name] = Math.max(widths[name], length);
    const blanks = ' '.repeat(widths[name] - length);
    return name === 'size' || name === 'time' ? blanks + columns[name] : columns[name] + blanks;
  };
  return {
    expect(keys: readonly string[]): void {
      widths.key = Math.max(widths.key, ...keys.map((key) => Math.min(clean(key).length, WIDEST_KEY)));
    },
    of(image: ImageOutcome, engine: string): string {
      const columns = columnsOf(image);
      if (image.error) return `✗ ${pad(columns, 'key')}  ${failureText(image.error, columns.key)}`;
      const order = ['key', 'digest', 'platforms', 'size', 'source', 'time'] as const;
      const names = otherNames(image).join(', ');
      const others = names ? ` as ${names}` : '';
      const engineName = clean(engine).split(' ')[0]?.toLowerCase();
      const loaded = image.loaded && engineName ? `  → ${engineName}${others}` : '';
      return `✓ ${order.map((name) => pad(columns, name)).join('  ')}${loaded}`;
    },
  };
}

/** One long key must not push the columns of all others out of sight. */
const WIDEST_KEY = 80;
