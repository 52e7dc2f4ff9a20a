import { beforeAll, describe, expect, test } from '@jest/globals';
import { gate } from '../../src/lib/pool.ts';
import { CHUNK_SIZE } from '../../src/registry/blobs.ts';
import { FAULTS } from '../support/faults/faults.ts';
import { type Ending, pullThrough, RIGHT } from '../support/faults/our-pull.ts';

/** With the limits that users have: one layer just below the size from which it comes in parts, cut beyond its first 8 MiB, and one above. */
const SIZES = { 'one stream': 2 * CHUNK_SIZE - 100_000, 'in parts': 2.5 * CHUNK_SIZE };
type Way = keyof typeof SIZES;
const WAYS: readonly Way[] = ['one stream', 'in parts'];

/** What is wrong with ranges, or with one connection, is never the reason why a pull fails: of all these, though they never end, there is one way left. */
const rows = FAULTS.filter(({ name, strikes }) => strikes === 'range' && name !== 'token expires mid-blob');
const cells = rows.flatMap(({ name }) => WAYS.map((way) => ({ name, way })));
const endings = new Map<string, Ending>();
const keyOf = (name: string, way: Way) => `${name} ${way}`;

beforeAll(async () => {
  const atOnce = gate(4);
  const all = cells.map(({ name, way }) =>
    atOnce(async () => {
      const fault = FAULTS.find((one) => one.name === name);
      const client = { sleep: async () => {}, timeouts: { bodyMs: 3000 } };
      const options = { times: Number.POSITIVE_INFINITY, client, layerSize: SIZES[way] };
      endings.set(keyOf(name, way), await pullThrough(fault, 'blob', options));
    }),
  );
  await Promise.all(all);
}, 120_000);

describe.each(WAYS)('a large layer, %s', (way) => {
  test.each(rows.map(({ name }) => name))('%s', (name) => {
    const ending = endings.get(keyOf(name, way));
    expect([ending?.error?.message, ending?.as]).toEqual([undefined, RIGHT]);
    expect(ending?.struck).toBeGreaterThan(0);
  });

  test('costs once more what had come, where the registry ignores ranges', () => {
    const { twice = 0, retries = [] } = endings.get(keyOf('200 to a range, cut as well', way)) ?? {};
    expect(twice).toBeGreaterThan(SIZES[way] * 0.5);
    expect(twice).toBeLessThan(SIZES[way] * 1.3);
    expect(retries.join()).toMatch(/does not resume: blob \S+ begins again, \d+ of its \d+ bytes come twice/);
  });
});
