import { execFileSync } from 'node:child_process';
import { test } from '@jest/globals';
import { missingParts } from './installed.ts';

export { hasPart } from './installed.ts';

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
