import { expect, test } from '@jest/globals';
import { lowQuotaText } from '../../src/github/quota-words.ts';
import { createReporter } from '../../src/github/reporter.ts';
import { renderSummary } from '../../src/github/summary.ts';
import type { UsedQuota } from '../../src/outcome.ts';
import { image, outcome } from './outcomes.ts';

const HUB: UsedQuota = {
  ...{ registry: 'docker.io', limit: 100, remaining: 7, windowSeconds: 21_600, isOfAccount: false },
  spared: 0,
};

test('a quota that is low is a notice that says what to do', () => {
  const written: string[] = [];
  createReporter({ write: (text) => written.push(text) })({ type: 'quota', quota: HUB });
  createReporter({ write: (text) => written.push(text), quiet: true })({ type: 'quota', quota: HUB });
  expect(written).toEqual([
    'notice: Docker Hub: 7 of 100 pulls left in 6 hours for the address of this machine. When none are: log in with docker/login-action, set mirrors, or let the cache serve (on-registry-error: use-cache).\n',
  ]);
  expect(lowQuotaText({ ...HUB, registry: 'r.test##[x]', isOfAccount: true })).toBe(
    'r.test# #[x]: 7 of 100 pulls left in 6 hours for this account. When none are: set mirrors, or let the cache serve (on-registry-error: use-cache).',
  );
});

test('the summary says what is left of each, and nothing where nobody said', () => {
  const quotas = [HUB, { ...HUB, registry: 'other.test', remaining: 90 }];
  const summary = renderSummary(outcome([image()], { quotas }));
  expect(summary).toContain('Docker Hub: 7 of 100 pulls left in 6 hours for the address of this machine.');
  expect(summary).toContain('90 of 100 pulls left');
  expect(renderSummary(outcome([image()]))).not.toContain('pulls left');
});

test('the summary says which pulls a quota was spared, and nothing where no registry has one', () => {
  const summaryOf = (...spared: number[]) =>
    renderSummary(
      outcome([image()], {
        quotas: spared.map((each, at) => ({ ...HUB, ...(at && { registry: 'other.test' }), spared: each })),
      }),
    );
  expect(summaryOf(2, 1)).toContain(
    'Spared: 1MB of layers not downloaded, 2 pulls that Docker Hub would have counted, 1 pull that other.test would have counted.',
  );
  expect(summaryOf(0)).toContain('Spared: 1MB of layers not downloaded.');
  expect(summaryOf()).not.toContain('counted');
});
