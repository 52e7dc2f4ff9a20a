import type { PullError } from '../errors.ts';
import { isRecord, parseJson } from '../lib/records.ts';
import type { Loadable } from '../ports.ts';
import type { DockerFacts } from './docker-facts.ts';
import type { Inspected } from './docker-inspect.ts';
import { idOf, manifestOf } from './docker-names.ts';
import { engineFailed } from './engine-failed.ts';

/** ENGINE_FAILED in the daemon's own words, JSON or not. */
export function dockerFailed({ title }: DockerFacts, doing: string, said: string): PullError {
  const parsed = parseJson(said);
  return engineFailed(title, doing, isRecord(parsed) && 'message' in parsed ? String(parsed.message) : said);
}

/** A hand-over that was answered with success proves nothing: this is what inspecting the image found instead. */
export function notThere(image: Loadable, name: string, found: Inspected | undefined, facts: DockerFacts): PullError {
  const expected = idOf(image, facts);
  const state =
    found?.id === expected
      ? `has not all of manifest ${manifestOf(image)}`
      : `is ${found?.id ?? 'no image at all'}, expected ${expected}`;
  return dockerFailed(facts, `loading ${name}`, `the image was accepted, but afterwards ${name} ${state}`);
}
