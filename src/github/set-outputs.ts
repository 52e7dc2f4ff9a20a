import { PullError } from '../errors.ts';
import { reasonOf } from './wording.ts';

/** Sets every output of the step; throws INPUT_INVALID about GITHUB_OUTPUT if the runner's file for them cannot be written. */
export async function setOutputs(outputs: Readonly<Record<string, string>>): Promise<void> {
  // Not at the start, which it would hold up.
  const core = await import('@actions/core');
  try {
    for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
  } catch (cause) {
    const hint =
      'The runner makes this file for each step; let nothing in the job remove it or change the variable, and see that the disk is not full.';
    throw new PullError('INPUT_INVALID', 'GITHUB_OUTPUT', `the outputs cannot be set: ${reasonOf(cause)}`, {
      hint,
      cause,
    });
  }
}
