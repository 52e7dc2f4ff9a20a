import path from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { type BagRegistry, bagRegistry } from './bag-registry.ts';
import { composeProject, type ProjectImages, projectImages } from './compose-project.ts';
import { newRunner, type Runner, type StepResult } from './runner.ts';
import { writeFiles } from './workspace.ts';

/** What the test that runs has: a runner with the compose project checked out, and the registry of its images. */
export interface ComposeJob {
  project: ProjectImages;
  registry: BagRegistry;
  runner: Runner;
  /** `127.0.0.1:PORT/acme/NAME:1`. */
  key(name: string): string;
  inWorkspace(file: string): string;
}

/** The project for each test of the file that calls this, gone after it. */
export function composeJob(): ComposeJob {
  const job = {
    key: (name: string) => `${job.registry.host}/acme/${name}:1`,
    inWorkspace: (file: string) => path.join(job.runner.folder, 'workspace', file),
  } as ComposeJob;
  beforeEach(async () => {
    job.project = await projectImages();
    job.registry = await bagRegistry(job.project.bag);
    job.runner = await newRunner();
    await writeFiles(job.inWorkspace(''), composeProject(job.registry.host));
  });
  afterEach(async () => {
    await job.runner.dispose();
    await job.registry.close();
  });
  return job;
}

/** The images that were pulled, by what the user wrote, sorted. */
export const keysOf = ({ outputs }: StepResult): string[] => Object.keys(JSON.parse(outputs.digests ?? '{}')).sort();

/** The step ended green and said nothing against it. */
export const good = ({ code, stderr, errors }: StepResult): void =>
  expect({ code, stderr, errors }).toEqual({ code: 0, stderr: '', errors: [] });
