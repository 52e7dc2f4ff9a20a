import { afterEach, expect, test } from '@jest/globals';
import type { Filler, Told } from '../../../src/ports.ts';
import { rangeBringer } from '../../../src/registry/transport/range-bring.ts';
import { orderRange, type RangeOrder } from '../../../src/registry/transport/range-order.ts';
import { closeServers, type Script, scriptedServer } from '../../support/scripted-server.ts';

afterEach(closeServers);

/** Orders ten bytes of a server that does what the script says, by a filler in this very thread. */
async function ordered(script: Script, ends?: AbortSignal) {
  const server = await scriptedServer(script);
  const bring = rangeBringer();
  const told: Told[] = [];
  const filler: Filler = {
    failed: new Promise(() => {}),
    bring(what, hear) {
      const both = (news: Told) => {
        told.push(news);
        hear(news);
      };
      return bring(what, () => {}, both);
    },
  };
  const order: RangeOrder = {
    ...{ url: server.origin, addresses: [], key: 'one', vouched: true, start: 0, end: 10 },
    text: `GET / HTTP/1.1\r\nhost: ${server.host}\r\nrange: bytes=0-9\r\n\r\n`,
    contentRange: 'bytes 0-9/10',
    connectMs: 5000,
    silenceMs: 300,
  };
  const timeouts = { connectMs: 5000, headersMs: 300, bodyMs: 300 };
  const { signal } = new AbortController();
  const where = { subject: 'acme/app', host: server.host, timeouts, signal, ends };
  return { server, told, answer: orderRange(filler, order, new URL(server.origin), where) };
}

test('an answer that is not plain is left to the library', async () => {
  const { answer, told } = await ordered((_, response) => response.writeHead(503).end());
  expect(await answer).toBeUndefined();
  expect(told).toEqual([{ type: 'refused' }]);
});

test('no answer in time is an error, for the library would wait as long again', async () => {
  const { answer, server } = await ordered(() => {});
  await expect(answer).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    temporary: true,
    reason: `${server.host}: no answer, timed out after 0.3s`,
  });
});

test('an order that nobody needs any more ends before its answer, with its connection', async () => {
  const ends = new AbortController();
  const closed = new Promise<void>((resolve) => {
    void ordered((_, response) => {
      response.on('close', resolve);
      ends.abort();
    }, ends.signal).then(({ answer }) => answer.catch(() => {}));
  });
  await closed;
});
