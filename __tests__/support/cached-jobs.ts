import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { CacheService } from './cache-service.ts';
import { newRunner, type StepResult } from './runner.ts';

/** What a push to the default branch looks like to a job. */
const DEFAULT_BRANCH = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' };

export interface JobResult {
  readonly step: StepResult;
  readonly post: StepResult;
}

export interface JobOptions {
  /** The repository of the event payload; by default a private one. */
  readonly repository?: object;
  readonly environment?: Readonly<Record<string, string>>;
  /** Looks at the runner before it goes. */
  readonly then?: (step: StepResult) => Promise<unknown>;
}

/** A job on a fresh runner, with a workspace and a home of its own: the step, then the end of the job, which is never red. */
export async function cachedJob(
  service: CacheService,
  inputs: Readonly<Record<string, string>>,
  { repository = { default_branch: 'main', private: true }, environment = {}, then }: JobOptions = {},
): Promise<JobResult> {
  const runner = await newRunner();
  try {
    const event = path.join(runner.folder, 'event.json');
    await writeFile(event, JSON.stringify({ repository }));
    const all = { ...service.environment(), ...DEFAULT_BRANCH, GITHUB_EVENT_PATH: event, ...environment };
    const step = await runner.run({ engine: 'none', ...inputs }, all);
    const post = await runner.post(step, all);
    expect(post).toMatchObject({ code: 0, stderr: '', errors: [] });
    await then?.(step);
    return { step, post };
  } finally {
    await runner.dispose();
  }
}

export const warnings = ({ stdout }: StepResult): string[] =>
  stdout.split('\n').filter((line) => line.startsWith('::warning'));

/** What a reader of the log sees. */
export const printed = ({ stdout }: StepResult): string[] =>
  stdout.split('\n').filter((line) => line !== '' && !line.startsWith('::debug::'));
