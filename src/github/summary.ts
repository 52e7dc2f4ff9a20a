import { clean } from '../lib/clean.ts';
import type { ImageOutcome, PullOutcome, Report } from '../outcome.ts';
import { lockLines } from './lock-lines.ts';
import { code, literal } from './markdown.ts';
import { quotaTexts } from './quota-words.ts';
import { savingText, slowCacheText } from './source-rows.ts';
import { sourceTable } from './source-table.ts';
import { columnsOf, failureText, reasonOf, sourceNames, totalsLine } from './wording.ts';

/** The runner uploads nothing of a summary above 1 MiB; half of it may tell of problems. */
const LIMIT = 1_000_000;
const PROBLEMS_LIMIT = 500_000;
/** Names before one error that ended the run for all of them. */
const NAMED = 20;

/** Markdown for the job summary: problems, what changed since the lock, a table with a row an image, the totals, and where the bytes came from; below 1 MB, with a line that says what was left out. */
export function renderSummary(outcome: PullOutcome): string {
  const failed = outcome.images.filter(({ error }) => error);
  const pulled = outcome.images.filter(({ error }) => !error);
  const problems = failed.length > 0 ? problemLines(failed, outcome.images.length) : '';
  const table = pulled.length > 0 ? tableLines(pulled, LIMIT - bytes(problems)) : '';
  const lines = [savingText(outcome), slowCacheText(outcome), ...quotaTexts(outcome)].flatMap((line) =>
    line ? [`${literal(line)}\n`] : [],
  );
  const totals = `${literal(totalsLine(outcome.totals))}\n`;
  const parts = ['### Pulled images\n', problems, lockLines(outcome), table, totals, sourceTable(outcome), ...lines];
  return parts.filter((part) => part !== '').join('\n');
}

/** Adds the summary to the step's; whatever hinders that is only a warning. */
export async function writeSummary(outcome: PullOutcome, report: Report): Promise<void> {
  // Not at the start, which it would hold up.
  const core = await import('@actions/core');
  try {
    await core.summary.addRaw(renderSummary(outcome), true).write();
  } catch (error) {
    core.summary.emptyBuffer();
    report({ type: 'warning', message: `The job summary cannot be written: ${reasonOf(error)}` });
  }
}

function problemLines(failed: readonly ImageOutcome[], all: number): string {
  const title = `**${failed.length} of ${all} ${all === 1 ? 'image' : 'images'} failed**\n\n`;
  const byError = new Map<ImageOutcome['error'], string[]>();
  for (const { key, error } of failed) byError.set(error, [...(byError.get(error) ?? []), key]);
  const items = [...byError].map(([error, keys]) => {
    const names = keys.slice(0, NAMED).map((key) => clean(key, 300));
    const others = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : '';
    return `- ❌ ${names.map(code).join(', ')}${others} ${literal(error ? failureText(error, names[0] ?? '') : '')}\n`;
  });
  const { kept, left } = fitting(items, PROBLEMS_LIMIT);
  return `${title}${kept}${left > 0 ? `- and ${left} more; the log has them all\n` : ''}`;
}

function tableLines(images: readonly ImageOutcome[], limit: number): string {
  const head = '| Image | Digest | Platform | Size | Source | Time |\n| --- | --- | --- | ---: | --- | ---: |\n';
  const { kept, left } = fitting(images.map(row), limit);
  return `${head}${kept}${left > 0 ? `\n${left} more images are left out here; the report has them all.\n` : ''}`;
}

function row(image: ImageOutcome): string {
  const { key, digest, platforms, size, time } = columnsOf(image);
  const source = sourceNames(image);
  return `| ${code(key)} | ${code(digest)} | ${literal(platforms)} | ${literal(size)} | ${literal(source)} | ${literal(time)} |\n`;
}

/** As many of the lines as have room in so many bytes. */
function fitting(lines: readonly string[], limit: number): { kept: string; left: number } {
  let room = limit;
  const end = lines.findIndex((line) => {
    room -= bytes(line);
    return room < 0;
  });
  const kept = end < 0 ? lines : lines.slice(0, end);
  return { kept: kept.join(''), left: lines.length - kept.length };
}

const bytes = (text: string): number => Buffer.byteLength(text);
