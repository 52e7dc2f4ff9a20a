import { formatBytes, formatSeconds } from '../lib/format.ts';
import type { PullOutcome } from '../outcome.ts';
import { rateOf, type SourceRow, sourceRows, speedOf } from './source-rows.ts';

const WIDTH = 10;

/** A Markdown table with a row for each source that gave something: its share of the bytes and its speed, as figures and bars; empty if none gave anything. */
export function sourceTable(outcome: PullOutcome): string {
  const rows = sourceRows(outcome);
  if (rows.length === 0) return '';
  const all = rows.reduce((sum, row) => sum + bytesOf(row), 0);
  const fastest = Math.max(...rows.map(({ moved }) => (moved && speedOf(moved)) ?? 0));
  const head = '| From | Bytes | Share | Speed |  |\n| --- | ---: | --- | ---: | --- |\n';
  return head + rows.map((row) => line(row, bytesOf(row) / all, fastest)).join('');
}

/** So many of ten blocks as the share, between 0 and 1, says; at least one for what is more than nothing. */
export function bar(share: number): string {
  const full = Math.min(WIDTH, share > 0 ? Math.max(1, Math.round(share * WIDTH)) : 0);
  return '█'.repeat(full) + '░'.repeat(WIDTH - full);
}

/** What moved, or what was used where nothing had to move. */
const bytesOf = ({ bytes, moved }: SourceRow): number => moved?.bytes ?? bytes;

function line(row: SourceRow, share: number, fastest: number): string {
  const { source, moved } = row;
  const size = `${formatBytes(bytesOf(row))}${moved ? ` in ${formatSeconds(moved.seconds)}` : ''}`;
  const part = `${bar(share)} ${Math.round(share * 100)}%`;
  const speed = moved && speedOf(moved);
  const [rate, speedBar] = moved && speed ? [rateOf(moved), bar(speed / fastest)] : [moved ? '' : 'was here', ''];
  return `| ${source} | ${size} | ${part} | ${rate} | ${speedBar} |\n`;
}
