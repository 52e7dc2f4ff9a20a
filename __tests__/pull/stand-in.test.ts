import { expect, test } from '@jest/globals';
import { canonicalReference, parseReference } from '../../src/oci/reference.ts';
import type { PullEvent } from '../../src/outcome.ts';
import { pull } from '../../src/pull/pull.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { parseSettings } from '../../src/settings.ts';
import { memoryCache } from '../fakes/memory-cache.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { imageBag } from '../support/image-builder.ts';
import { scriptedServer } from '../support/scripted-server.ts';

/** Pulls a tag that the store knows, from a registry that answers nothing but this; returns what would be waited, in seconds. */
async function pullKnown(
  headers: Record<string, string>,
  onRegistryError: string,
  { status = 503, knownMs = 60_000 } = {},
) {
  const server = await scriptedServer((_, response) => response.writeHead(status, headers).end());
  const bag = imageBag();
  const target = await bag.image({ layers: ['base'] });
  const store = memoryStore();
  for (const [digest, { bytes }] of bag.blobs) store.blobs.set(digest, bytes);
  const images = `${server.host}/app:1`;
  await store.record([{ name: canonicalReference(parseReference(images)), target, at: Date.now() - knownMs }]);
  const events: PullEvent[] = [];
  const waits: number[] = [];
  const report = (event: PullEvent) => void events.push(event);
  const { signal } = new AbortController();
  const { request } = parseSettings({ images, 'on-registry-error': onRegistryError });
  const registry = createRegistry({
    userAgent: 'pull-image/test',
    signal,
    report,
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms / 1000),
  });
  const cache = memoryCache({ readable: false, writable: false });
  const platform = { os: 'linux', architecture: 'amd64' };
  const ports = { registry, store, cache, platform, chooseTags: () => [], report, signal, now: Date.now };
  const { images: outcomes } = await pull(request, ports).finally(() => registry.close());
  await server.close();
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { error: outcomes[0]?.error, waits, warnings };
}

test('a digest that is known is not kept waiting by a registry that asks for half a minute', async () => {
  const { error, waits, warnings } = await pullKnown({ 'Retry-After': '30' }, 'use-cache');
  expect([error, waits]).toEqual([undefined, []]);
  expect(warnings).toEqual([
    expect.stringMatching(/ 503 Service Unavailable .*; it asks for a wait of 30s; using the digest that .* had 60 s/),
  ]);
});

test('the usual waits, and short ones that are asked for, go before it', async () => {
  expect((await pullKnown({}, 'use-cache')).waits).toEqual([0.5, 1, 4, 10]);
  expect((await pullKnown({ 'Retry-After': '2' }, 'use-cache')).waits).toEqual([2.1, 2.1, 4, 10]);
});

test('where nothing may stand in, the registry is waited for', async () => {
  const { error, waits } = await pullKnown({ 'Retry-After': '30' }, 'fail');
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  expect(waits).toEqual([31.5, 31.5, 31.5]);
});

test.each([429, 503])('where something might stand in for %d, but nothing is known, that is said', async (status) => {
  const old = { status, knownMs: 8 * 24 * 3600 * 1000 };
  const none = /; no digest is known that 127\S+:1 had in the last 7 days and that could be used instead$/;
  const { error } = await pullKnown({}, 'use-cache', old);
  expect(error?.reason).toMatch(none);
  expect(error?.reason).toContain(`${status}`);
  expect((await pullKnown({}, 'fail', old)).error?.reason).not.toMatch(none);
  expect((await pullKnown({}, 'use-cache', { ...old, status: 403 })).error?.reason).not.toMatch(none);
});
