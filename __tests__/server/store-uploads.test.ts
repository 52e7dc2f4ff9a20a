import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { refusalOf, type Served, served } from '../support/serving.ts';
import { blobsIn } from '../support/stored-image.ts';

const BYTES = Buffer.from('a blob in three parts');
const DIGEST = digestOf(BYTES);
const OTHER = digestOf('other');

let registry: Served;
beforeEach(async () => {
  registry = await served();
});
afterEach(() => registry.dispose());

const begin = async (query = '', body?: Uint8Array) => {
  const answer = await registry.ask('POST', `team/app/blobs/uploads/${query}`, body);
  return { answer, at: answer.headers.get('location') ?? '' };
};
const chunk = (at: string, start: number, end: number) =>
  registry.ask('PATCH', at, BYTES.subarray(start, end), { 'content-range': `${start}-${end - 1}` });
const unfinished = () => readdir(path.join(registry.store, 'ingest'));

test('the base endpoint answers, and what is no endpoint or no method of one is refused in the words of the spec', async () => {
  const base = await registry.ask('GET', '/v2/');
  expect([base.status, await base.json()]).toEqual([200, {}]);
  expect(await refusalOf(await registry.ask('GET', '/v3/'))).toBe('404 NAME_UNKNOWN');
  const post = await registry.ask('POST', `team/app/blobs/${DIGEST}`);
  expect([post.headers.get('allow'), await refusalOf(post)]).toEqual(['GET, HEAD, DELETE', '405 UNSUPPORTED']);
  expect(await refusalOf(await registry.ask('GET', 'team/app/blobs/sha256:1234'))).toBe('400 DIGEST_INVALID');
});

describe('a blob comes', () => {
  test.each([
    ['in one POST', async () => (await begin(`?digest=${DIGEST}`, BYTES)).answer],
    ['in one PUT', async () => registry.ask('PUT', `${(await begin()).at}?digest=${DIGEST}`, BYTES)],
    [
      'in one PATCH',
      async () => {
        const { at } = await begin();
        expect((await registry.ask('PATCH', at, BYTES)).status).toBe(202);
        return registry.ask('PUT', `${at}?digest=${DIGEST}`);
      },
    ],
    [
      'in chunks, the last one with the PUT',
      async () => {
        const { at } = await begin();
        const first = await chunk(at, 0, 4);
        expect([first.status, first.headers.get('range')]).toEqual([202, '0-3']);
        expect((await chunk(at, 4, 10)).headers.get('range')).toBe('0-9');
        const range = { 'content-range': `10-${BYTES.byteLength - 1}` };
        return registry.ask('PUT', `${at}?digest=${DIGEST}`, BYTES.subarray(10), range);
      },
    ],
  ])('%s', async (_, push) => {
    const answer = await push();
    expect([answer.status, answer.headers.get('docker-content-digest')]).toEqual([201, DIGEST]);
    const got = await registry.ask('GET', answer.headers.get('location') ?? '');
    expect(Buffer.from(await got.arrayBuffer())).toEqual(BYTES);
    const head = await registry.ask('HEAD', `team/app/blobs/${DIGEST}`);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(BYTES.byteLength)]);
    expect([await blobsIn(registry.store), await unfinished()]).toEqual([[DIGEST], []]);
  });

  test('sha512 too', async () => {
    const digest = digestOf(BYTES, 'sha512');
    expect((await begin(`?digest=${digest}`, BYTES)).answer.status).toBe(201);
    expect((await registry.ask('HEAD', `team/app/blobs/${digest}`)).status).toBe(200);
  });

  test('from another repository without a byte, where the store has it; else an upload begins', async () => {
    expect((await begin(`?mount=${OTHER}&from=team/base`)).answer.status).toBe(202);
    await begin(`?digest=${DIGEST}`, BYTES);
    const { answer, at } = await begin(`?mount=${DIGEST}&from=team/base`);
    expect([answer.status, at]).toEqual([201, `/v2/team/app/blobs/${DIGEST}`]);
  });
});

test('a chunk out of order is 416 and says where to go on; nothing is lost', async () => {
  const { at } = await begin();
  await chunk(at, 0, 4);
  for (const wrong of [await chunk(at, 8, 12), await chunk(at, 0, 4)]) {
    expect([wrong.headers.get('range'), wrong.headers.get('location')]).toEqual(['0-3', at]);
    expect(await refusalOf(wrong)).toBe('416 BLOB_UPLOAD_INVALID');
  }
  const state = await registry.ask('GET', at);
  expect([state.status, state.headers.get('range')]).toEqual([204, '0-3']);
  await chunk(at, 4, BYTES.byteLength);
  expect((await registry.ask('PUT', `${at}?digest=${DIGEST}`)).status).toBe(201);
});

test('bytes that are not what the digest says never become a blob, and the upload is over', async () => {
  const { at } = await begin();
  expect(await refusalOf(await registry.ask('PUT', `${at}?digest=${OTHER}`, BYTES))).toBe('400 DIGEST_INVALID');
  expect(await refusalOf((await begin(`?digest=${OTHER}`, BYTES)).answer)).toBe('400 DIGEST_INVALID');
  expect(await refusalOf(await registry.ask('GET', at))).toBe('404 BLOB_UPLOAD_UNKNOWN');
  expect([await blobsIn(registry.store), await unfinished()]).toEqual([[], []]);
});

test('a PUT without a digest or with none of ours costs the upload nothing', async () => {
  const { at } = await begin();
  await registry.ask('PATCH', at, BYTES);
  for (const query of ['', '?digest=md5:12'])
    expect(await refusalOf(await registry.ask('PUT', `${at}${query}`))).toBe('400 DIGEST_INVALID');
  expect((await registry.ask('PUT', `${at}?digest=${DIGEST}`)).status).toBe(201);
});

test('a cancelled upload leaves nothing', async () => {
  const { at } = await begin();
  await registry.ask('PATCH', at, BYTES);
  expect(await unfinished()).toHaveLength(1);
  expect((await registry.ask('DELETE', at)).status).toBe(204);
  expect(await refusalOf(await registry.ask('PATCH', at, BYTES))).toBe('404 BLOB_UPLOAD_UNKNOWN');
  expect(await unfinished()).toEqual([]);
});

describe('a chunk that is not as long as its range says', () => {
  /** As `fetch` sends a stream: in pieces, without a Content-Length. */
  const streamed = (at: string, query: string, method: string, bytes: Uint8Array, range: string) =>
    fetch(`http://127.0.0.1:${registry.host.replace('localhost:', '')}${at}${query}`, {
      method,
      headers: { 'content-range': range },
      body: new Blob([new Uint8Array(bytes)]).stream(),
      duplex: 'half',
    });

  test.each([
    ['longer', 'PATCH', 12],
    ['shorter', 'PATCH', 6],
    ['longer, and the last', 'PUT', 21],
  ])('%s: refused, and the upload stands where it stood', async (_, method, end) => {
    const { at } = await begin();
    await chunk(at, 0, 4);
    const query = method === 'PUT' ? `?digest=${DIGEST}` : '';
    const refused = await streamed(at, query, method, BYTES.subarray(4, end), '4-9');
    expect(await refusalOf(refused)).toBe('400 SIZE_INVALID');
    expect((await registry.ask('GET', at)).headers.get('range')).toBe('0-3');
    expect((await streamed(at, '', 'PATCH', BYTES.subarray(4, 10), '4-9')).headers.get('range')).toBe('0-9');
    const last = await registry.ask('PUT', `${at}?digest=${DIGEST}`, BYTES.subarray(10), { 'content-range': '10-20' });
    expect(last.status).toBe(201);
  });
});

test('an upload that a sweep took away is unknown to every request', async () => {
  const requests: ((at: string) => Promise<Response>)[] = [
    (at) => registry.ask('GET', at),
    (at) => registry.ask('PATCH', at, BYTES),
    (at) => registry.ask('PUT', `${at}?digest=${DIGEST}`, BYTES),
    (at) => registry.ask('PUT', `${at}?digest=${DIGEST}`),
  ];
  for (const ask of requests) {
    const { at } = await begin();
    for (const file of await unfinished()) await rm(path.join(registry.store, 'ingest', file));
    expect(await refusalOf(await ask(at))).toBe('404 BLOB_UPLOAD_UNKNOWN');
  }
});

test('uploads that are open when the server ends leave nothing', async () => {
  const { at } = await begin();
  await chunk(at, 0, 4);
  await begin();
  const sending = registry.ask('PATCH', at, undefined).catch(() => {});
  expect(await unfinished()).toHaveLength(2);
  await registry.close();
  await sending;
  expect(await unfinished()).toEqual([]);
});

test('what is no repository takes no upload', async () => {
  for (const name of ['a:5', 'A', 'a//b', `a@${DIGEST}`, '-'])
    for (const [method, at] of [
      ['POST', 'uploads/'],
      ['PATCH', 'uploads/one'],
    ] as const)
      expect([name, await refusalOf(await registry.ask(method, `${name}/blobs/${at}`))]).toEqual([
        name,
        '400 NAME_INVALID',
      ]);
  expect(await unfinished()).toEqual([]);
});

test('one range of a blob is given, and one behind its end is 416', async () => {
  await begin(`?digest=${DIGEST}`, BYTES);
  const part = await registry.ask('GET', `team/app/blobs/${DIGEST}`, undefined, { range: 'bytes=2-5' });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-5/21', 'blob']);
  const behind = await registry.ask('GET', `team/app/blobs/${DIGEST}`, undefined, { range: 'bytes=21-' });
  expect(await refusalOf(behind)).toBe('416 RANGE_INVALID');
});

test('twenty clients push and read the same blob at once', async () => {
  const pushed = await Promise.all(Array.from({ length: 20 }, () => begin(`?digest=${DIGEST}`, BYTES)));
  expect(new Set(pushed.map(({ answer }) => answer.status))).toEqual(new Set([201]));
  const read = await Promise.all(
    Array.from({ length: 20 }, async () => (await registry.ask('GET', `team/app/blobs/${DIGEST}`)).text()),
  );
  expect(new Set(read)).toEqual(new Set([BYTES.toString()]));
  expect([await blobsIn(registry.store), await unfinished()]).toEqual([[DIGEST], []]);
});
