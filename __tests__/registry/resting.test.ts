import { afterEach, expect, test } from '@jest/globals';
import { runChild } from '../support/child.ts';
import { closeServers, scriptedServer } from '../support/scripted-server.ts';
import { randomBlob } from '../support/store-blobs.ts';

afterEach(closeServers);

test('a process does not end while all its connections rest', async () => {
  const blobs = [1, 2, 3, 4].map(() => randomBlob(1000));
  const server = await scriptedServer(({ path, index }, response) => {
    const blob = blobs.find(({ descriptor }) => path.endsWith(descriptor.digest));
    if (index === 2) response.writeHead(503, { 'Content-Length': 0 }).end();
    else response.writeHead(200, { 'Content-Length': 1000 }).end(blob?.bytes);
  });
  const child = runChild('resting-child.ts', [server.host, ...blobs.map((blob) => JSON.stringify(blob.descriptor))]);
  expect(await child.ended).toBe(0);
  expect(child.output()).toBe('all\n');
});
