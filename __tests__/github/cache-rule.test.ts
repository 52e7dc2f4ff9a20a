import { describe, expect, test } from '@jest/globals';
import { cacheRule } from '../../src/github/cache-rule.ts';

const repository = { default_branch: 'main', private: true, visibility: 'private' };
const auto = (event: string, ref: string, isProtected = 'false', payload: object = { repository }) =>
  cacheRule('auto', { GITHUB_EVENT_NAME: event, GITHUB_REF: ref, GITHUB_REF_PROTECTED: isProtected }, payload);

describe('auto writes', () => {
  test.each(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'])(
    'on %s to the default branch',
    (event) => {
      expect(auto(event, 'refs/heads/main')).toEqual({ read: true, write: true, guardsPrivate: false });
    },
  );

  test('on a push to a protected branch', () => {
    expect(auto('push', 'refs/heads/release', 'true')).toMatchObject({ write: true });
  });

  test('on schedule, which only ever runs on the default branch, though the payload does not name it', () => {
    expect(auto('schedule', 'refs/heads/trunk', 'false', {})).toMatchObject({ write: true });
  });
});

describe('auto only reads, and says how the cache is filled,', () => {
  test.each([
    ['pull_request', 'refs/pull/7/merge', 'false'],
    ['pull_request_target', 'refs/heads/main', 'true'],
    ['issue_comment', 'refs/heads/main', 'true'],
    ['workflow_run', 'refs/heads/main', 'true'],
    ['merge_group', 'refs/heads/gh-readonly-queue/main/pr-7', 'false'],
    ['push', 'refs/heads/feature', 'false'],
    ['push', 'refs/tags/v1', 'true'],
    ['push', 'refs/tags/main', 'false'],
    ['workflow_dispatch', 'refs/heads/feature', 'false'],
    ['', '', ''],
  ])('on %s of %s (protected: %s)', (event, ref, isProtected) => {
    const rule = auto(event, ref, isProtected);
    expect(rule).toMatchObject({ read: true, write: false });
    expect(rule.hint).toContain('A push to main, or a run there by schedule or by hand, fills it for every branch.');
  });

  test('on a push to what may be the default branch of a payload without one', () => {
    expect(auto('push', 'refs/heads/main', 'false', {})).toMatchObject({
      write: false,
      hint: expect.stringContaining('the default branch'),
    });
  });
});

test.each([
  ['true', { read: true, write: true }],
  ['read-only', { read: true, write: false }],
  ['false', { read: false, write: false }],
] as const)('cache: %s holds for every event', (input, expected) => {
  expect(cacheRule(input, { GITHUB_EVENT_NAME: 'pull_request' }, { repository })).toEqual({
    ...expected,
    guardsPrivate: false,
  });
});

test.each([
  [{ private: true }, false],
  [{ visibility: 'internal' }, false],
  [{ private: false, visibility: 'public' }, true],
  [{}, true],
  [undefined, true],
])('private images are guarded unless the repository is known to be private: %j', (found, guardsPrivate) => {
  expect(auto('push', 'refs/heads/main', 'false', { repository: found })).toMatchObject({ guardsPrivate });
});
