import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { columnsOf, failureText, totalsLine } from '../../src/github/wording.ts';
import { ATTACKS, digest, failed, heldByEngine, image, layer, outcome, platform } from './outcomes.ts';

describe('columnsOf', () => {
  test('says what is known of an image', () => {
    expect(columnsOf(image())).toEqual({
      key: 'redis:7',
      digest: `sha256:${digest('redis:7').slice(7, 19)}`,
      platforms: 'linux/amd64',
      size: '2MB',
      source: 'registry',
      time: '3.1s',
    });
  });

  test('has a dash for what is unknown', () => {
    expect(columnsOf(failed('bad:1'))).toEqual({
      key: 'bad:1',
      digest: '-',
      platforms: '-',
      size: '-',
      source: '-',
      time: '0.2s',
    });
  });

  test('has the platform of an image that an engine alone holds, whose size nobody knows', () => {
    expect(columnsOf(heldByEngine())).toMatchObject({ platforms: 'linux/amd64', size: '-', source: 'engine' });
    expect(columnsOf(image({ platforms: [platform('a'), platform('b', { size: 0, layers: [] })] })).size).toBe('2MB');
  });

  test('counts a layer that platforms share once', () => {
    const platforms = [
      platform('a', { layers: [layer('x'), layer('y')] }),
      platform('b', { layers: [layer('x'), layer('z')] }),
    ];
    expect(columnsOf(image({ platforms }))).toMatchObject({ platforms: 'a,b', size: '3MB' });
    expect(columnsOf(image({ platforms: [platform('a', { layers: [], size: 5e6 })] })).size).toBe('5MB');
  });

  test('names three platforms at most', () => {
    const platforms = ['a', 'b', 'c', 'd', 'e'].map((name) => platform(name));
    expect(columnsOf(image({ platforms: platforms.slice(0, 3) })).platforms).toBe('a,b,c');
    expect(columnsOf(image({ platforms })).platforms).toBe('a,b,c and 2 more');
  });

  test.each(ATTACKS)('is clean where a key or a platform says %j', (attack) => {
    const { key, platforms } = columnsOf(image({ key: attack, platforms: [platform(attack)] }));
    for (const text of [key, platforms]) expect(text).not.toMatch(/::|##\[|[\u0000-\u001f\u0085\u2028]/);
  });
});

test('totalsLine says what came over the network', () => {
  expect(totalsLine(outcome([image()]).totals)).toBe('1 image, 2 layers, 2MB; downloaded 1MB in 3.3s');
  expect(totalsLine(outcome([image(), failed('bad:1')]).totals)).toMatch(/^2 images \(1 failed\), /);
});

test.each([
  ['a/b:1', 'a/b', 'host answered 503 to the request for a/b:1; wait', 'host answered 503; wait'],
  [
    'a/b:1',
    'a/b',
    'host answered 503 to the request for a/b@sha256:1',
    'host answered 503 to the request for sha256:1',
  ],
  ['a/b:1', 'a/b:1', 'no matching manifest', 'no matching manifest'],
  ['a/b@sha256:1', 'a/b', 'other bytes', 'other bytes'],
  ['a/bc:1', 'a/b', 'other bytes', 'a/b: other bytes'],
  ['a/b:1', 'a/b', 'manifest for a/b:1 not found', 'manifest for a/b:1 not found'],
])('behind the key %s the error of %s does not name it again', (key, subject, reason, expected) => {
  expect(failureText(new PullError('UNAVAILABLE', subject, reason), key)).toBe(expected);
});
