import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { count } from '../lib/format.ts';
import type { ImageOutcome, PullOutcome, Report } from '../outcome.ts';
import { lockLines } from './lock-lines.ts';
import { code, literal } from './markdown.ts';
import { quotaTexts } from './quota-words.ts';
import { savingText, slowCacheText } from './source-rows.ts';
import { sourceTable } from './source-table.ts';
import { columnsOf, errorText, failureText, otherNames, reasonOf, sourceNames, totalsLine } from './wording.ts';

const TITLE = '### Pulled images\n';
/** The runner uploads nothing of a summary above 1 MiB; half of it may tell of problems. */
const LIMIT = 1_000_000;
const PROBLEMS_LIMIT = 500_000;
/** Names before one error that ended the run for all of them. */
const NAMED = 20;
/** Local names of one image. */
const SHOWN = 3;

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
  const parts = [TITLE, problems, lockLines(outcome), table, totals, sourceTable(outcome), ...lines];
  return parts.filter((part) => part !== '').join('\n');
}

/** Markdown for the job summary of a run that knew not what to pull: each mistake in the inputs, or what else was in the way; below 1 MB. */
export function renderMistakes(error: unknown): string {
  const lines = mistakesIn(error);
  const { kept, left } = fitting(
    lines.map((line) => `- ❌ ${literal(clean(line))}\n`),
    PROBLEMS_LIMIT,
  );
  const what = isOfInputs(error) ? `${count(lines.length, 'mistake')} in the inputs, nothing` : 'Nothing';
  return `${TITLE}\n**${what} was pulled**\n\n${kept}${left > 0 ? `- and ${left} more\n` : ''}`;
}

const isOfInputs = (error: unknown): error is PullError => error instanceof PullError && error.subject === 'inputs';

function mistakesIn(error: unknown): readonly string[] {
  if (!(error instanceof PullError)) return ['A mistake in the action itself; the log has more.'];
  if (!isOfInputs(error)) return [errorText(error)];
  const listed = error.reason.split('\n').filter((line) => line.startsWith('- '));
  return listed.length > 0 ? listed.map((line) => line.slice(2)) : [error.reason];
}

/** Adds the summary to the step's; whatever hinders that is only a warning. */
export const writeSummary = (outcome: PullOutcome, report: Report): Promise<void> =>
  addToSummary(renderSummary(outcome), report);

/** The same for a run that came to nothing before it knew what to pull. */
export const writeMistakes = (error: unknown, report: Report): Promise<void> =>
  addToSummary(renderMistakes(error), report);

async function addToSummary(text: string, report: Report): Promise<void> {
  // Not at the start, which it would hold up.
  const core = await import('@actions/core');
  try {
    await core.summary.addRaw(text, true).write();
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
  return `| ${code(key)}${localNames(image)} | ${code(digest)} | ${literal(platforms)} | ${literal(size)} | ${literal(source)} | ${literal(time)} |\n`;
}

/** ` as redis:7-linux-arm64`, where it runs by other names than the one that was asked for. */
function localNames(image: ImageOutcome): string {
  const names = image.loaded ? otherNames(image) : [];
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.length > 0 ? ` as ${names.slice(0, SHOWN).map(code).join(', ')}${more}` : '';
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
