import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../outcome.ts';
import { setOutputs } from './set-outputs.ts';
import { reasonOf } from './wording.ts';

/** GitHub allows a job 1 MB of outputs, counted as UTF-16; the rest is room for those of other steps. */
const LIMIT = 900_000;

type Outputs = Readonly<Record<string, string>>;

/** The outputs with as many of those in `fallback` emptied, one after the other, as it takes to have less than 900 KB of UTF-16. */
export function withinLimit(all: Outputs, fallback: readonly string[]): Record<string, string> {
  const outputs = { ...all };
  for (const name of fallback) {
    if (sizeOf(outputs) > LIMIT) outputs[name] = '';
  }
  return outputs;
}

/** Sets every output, within the limit; a notice says which are empty therefore, and that the file in `report` has everything. Throws as `setOutputs` does. */
export async function publish(all: Outputs, fallback: readonly string[], report: Report): Promise<void> {
  const outputs = withinLimit(all, fallback);
  const empty = fallback.filter((name) => outputs[name] !== all[name]);
  if (empty.length > 0) {
    const which = `${empty.join(', ')} ${empty.length === 1 ? 'is' : 'are'} left empty`;
    report({
      type: 'notice',
      message: `The outputs are larger than GitHub allows: ${which}, ${outputs.report || 'no file'} has everything.`,
    });
  }
  await setOutputs(outputs);
}

/** Writes a new file in the runner's temp folder and returns its path; empty, after a warning, if that cannot be. */
export async function writeReport(text: string, report: Report, env: NodeJS.ProcessEnv): Promise<string> {
  const path = join(env.RUNNER_TEMP || tmpdir(), `pull-image-report-${randomUUID()}.json`);
  try {
    await writeFile(path, text, { flag: 'wx' });
    return path;
  } catch (error) {
    report({ type: 'warning', message: `The report cannot be written: ${reasonOf(error)}` });
    return '';
  }
}

const sizeOf = (outputs: Outputs): number => 2 * Object.entries(outputs).flat().join('').length;
