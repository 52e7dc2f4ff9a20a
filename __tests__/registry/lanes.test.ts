import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Deferred, newDeferred } from '../../src/lib/deferred.ts';
import { createLanes, type Lanes } from '../../src/registry/lanes.ts';

/** Requests under way, by the name of their transfer, in the order in which they got their connection. */
let underWay: { readonly name: string; readonly end: () => void }[];
let lanes: Lanes;
beforeEach(() => {
  underWay = [];
  lanes = createLanes({ connections: 4, every: () => () => {}, rangeMs: 0, now: () => 1000 });
});

const names = () => underWay.map(({ name }) => name).join(' ');
/** Lets everything happen that needs no time. */
const settled = () => new Promise((go) => setImmediate(go));

function transfer(name: string, requests = 1): void {
  let left = requests;
  lanes.join({
    rank: 0,
    left: 1,
    active: 0,
    get ready() {
      return left > 0;
    },
    underWay: [],
    go() {
      left -= 1;
      return new Promise<void>((end) => {
        underWay.push({ name, end });
      });
    },
  });
}

/** The request ends, and its connection is free. */
async function ends(name: string): Promise<void> {
  const [request] = underWay.splice(
    underWay.findIndex((one) => one.name === name),
    1,
  );
  request?.end();
  await settled();
}

/** The host refuses the request: it is under way again once the wait is over and there is a connection. */
function refused(name: string, tried = 1, asked = false): { readonly isNews: boolean; readonly wait: Deferred<void> } {
  const [request] = underWay.splice(
    underWay.findIndex((one) => one.name === name),
    1,
  );
  const isNews = lanes.refused(tried, asked, 1000, {});
  const wait = newDeferred<void>();
  void lanes.aside(() => wait.promise, asked).then(() => request && underWay.push(request));
  return { isNews, wait };
}

async function over(...waits: readonly { readonly wait: Deferred<void> }[]): Promise<void> {
  for (const { wait } of waits) wait.resolve();
  await settled();
}

describe('a request that is refused', () => {
  test('leaves its connection to nobody while others are under way, and comes back when one of them ends', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) transfer(name);
    expect(names()).toBe('a b c d');
    const both = [refused('c'), refused('d')];
    lanes.came(1000, 0);
    await over(...both);
    expect(names()).toBe('a b');
    await ends('a');
    expect(names()).toBe('b c');
    await ends('b');
    expect(names()).toBe('c d');
    await ends('c');
    expect(names()).toBe('d e');
  });

  test('leaves fewer connections to all that come later', async () => {
    for (const name of ['a', 'b', 'c']) transfer(name);
    const one = refused('c');
    lanes.came(1000, 0);
    await over(one);
    await ends('a');
    await ends('b');
    await ends('c');
    transfer('d', 5);
    expect(names()).toBe('d d');
  });

  test('with a wait that the host asked for keeps everybody waiting', async () => {
    transfer('a', 5);
    expect(names()).toBe('a a a a');
    const one = refused('a', 1, true);
    await ends('a');
    await ends('a');
    expect(names()).toBe('a');
    await over(one);
    expect(names()).toBe('a a a');
  });

  test('where all are refused sends nobody else into the same, and leaves their number as it was', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) transfer(name);
    const all = ['a', 'b', 'c', 'd'].map((name) => refused(name));
    await settled();
    expect(names()).toBe('');
    await over(...all);
    expect(underWay).toHaveLength(4);
  });

  test('is said once for all that were refused at the same time, and once for each of their next tries', async () => {
    for (const name of ['a', 'b', 'c', 'd']) transfer(name);
    const all = ['b', 'c', 'd'].map((name) => refused(name));
    expect(all.map(({ isNews }) => isNews)).toEqual([true, false, false]);
    await over(all[0] ?? refused('b'));
    await ends('a');
    expect(refused('b', 2).isNews).toBe(true);
  });

  test('gives its connection back once only, if the wait is broken off', async () => {
    transfer('a');
    const failing = lanes.aside(async () => Promise.reject(new Error('cancelled')), false);
    await expect(failing).rejects.toThrow('cancelled');
    await ends('a');
    transfer('b', 9);
    expect(names()).toBe('b b b b');
  });
});

test('several connections were used once two requests were under way at the same time', async () => {
  transfer('a', 1);
  expect(lanes.several).toBe(false);
  await ends('a');
  transfer('b', 2);
  expect(lanes.several).toBe(true);
});

test('a host is quiet from its first refusal on, until bytes come', () => {
  expect(lanes.quietSince).toBeUndefined();
  lanes.refused(1, false, 1000, {});
  lanes.refused(1, false, 5000, {});
  expect(lanes.quietSince).toBe(1000);
  lanes.came(1, 0);
  expect(lanes.quietSince).toBeUndefined();
});
