import { describe, expect, test } from '@jest/globals';
import { mergeScopes } from '../../../src/registry/transport/scope.ts';

describe('scopes', () => {
  test.each([
    ['', '', ''],
    ['repository:a:pull', '', 'repository:a:pull'],
    ['', 'repository:a:pull', 'repository:a:pull'],
    ['repository:a:push,pull', 'repository:a:pull', 'repository:a:pull,push'],
    ['repository:a:delete', 'repository:a:push,pull', 'repository:a:delete,pull,push'],
    ['registry:catalog:*', 'repository:a:pull', 'registry:catalog:* repository:a:pull'],
    ['repository:b:pull', 'repository:a:pull repository:b:push', 'repository:b:pull,push repository:a:pull'],
    ['repository:h:5000/a:pull', 'repository:h:5000/a:push', 'repository:h:5000/a:pull,push'],
    ['*', 'repository:a:pull', '* repository:a:pull'],
    ['repository:a:pull,pull', 'repository:a:pull', 'repository:a:pull'],
  ])('%j and %j are %j', (demanded, known, merged) => {
    expect(mergeScopes(demanded, known)).toBe(merged);
  });

  test('merged again stay the same', () => {
    const once = mergeScopes('repository:b:pull', 'repository:a:pull,push registry:catalog:*');
    expect(mergeScopes('repository:b:pull', once)).toBe(once);
  });
});
