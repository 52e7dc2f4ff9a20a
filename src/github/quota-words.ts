import { clean } from '../lib/clean.ts';
import { count, formatAge } from '../lib/format.ts';
import type { PullOutcome, Quota } from '../outcome.ts';

/** What is left of a quota, in a sentence without its end. */
function leftText({ registry, limit, remaining, windowSeconds, isOfAccount }: Quota): string {
  const whose = isOfAccount ? 'this account' : 'the address of this machine';
  return `${nameOf(registry)}: ${remaining} of ${limit} pulls left in ${formatAge(windowSeconds * 1000)} for ${whose}`;
}

const nameOf = (registry: string): string => (registry === 'docker.io' ? 'Docker Hub' : clean(registry, 200));

/** The warning that a quota is nearly used up, and what to do. */
export function lowQuotaText(quota: Quota): string {
  const login = quota.isOfAccount ? '' : 'log in with docker/login-action, ';
  return `${leftText(quota)}. When none are: ${login}set mirrors, or let the cache serve (on-registry-error: use-cache).`;
}

/** What the registries of a run said of their quotas, a sentence each. */
export const quotaTexts = ({ quotas = [] }: PullOutcome): readonly string[] =>
  quotas.map((quota) => `${leftText(quota)}.`);

/** The pulls that registries with a quota would have counted and did not, a part of a sentence for each; which others count, nobody says. */
export const sparedTexts = ({ quotas = [] }: PullOutcome): readonly string[] =>
  quotas
    .filter(({ spared }) => spared > 0)
    .map(({ registry, spared }) => `${count(spared, 'pull')} that ${nameOf(registry)} would have counted`);
