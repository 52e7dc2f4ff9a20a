import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { test } from '@jest/globals';

/** True if all these programs are on the PATH. */
export function hasPart(...programs: readonly string[]): boolean {
  return missingParts(programs).length === 0;
}

/**
 * A test that needs real programs: where one is missing it is skipped and says which. CI installs them all and takes a skipped test for a failure.
 */
export function realTest(
  ...programs: readonly string[]
): (name: string, run: () => Promise<void>, timeoutMs?: number) => void {
  const missing = missingParts(programs);
  if (missing.length === 0) return (name, run, timeoutMs) => test(name, run, timeoutMs);
  return (name, run) => test.skip(`${name} (missing: ${missing.join(', ')})`, run);
}

/** A test that needs a Docker daemon at `DOCKER_HOST` or the default socket, and these programs besides. */
export function dockerTest(...programs: readonly string[]): ReturnType<typeof realTest> {
  if (hasDocker()) return realTest('docker', ...programs);
  return (name, run) => test.skip(`${name} (missing: Docker daemon)`, run);
}

/** True if a Docker daemon answers the `docker` command. */
export function hasDocker(): boolean {
  answers ??= dockerAnswers();
  return answers;
}

let answers: boolean | undefined;

function dockerAnswers(): boolean {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

function missingParts(programs: readonly string[]): readonly string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return programs.filter((program) => !folders.some((folder) => isExecutable(path.join(folder, program))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
