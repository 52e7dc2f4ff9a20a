import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { realTest } from '../support/real-parts.ts';
import { closeServers } from '../support/scripted-server.ts';
import { sourceCommand, startSource } from '../support/source.ts';

let folder: string;
let slow: Server;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-push-progress-'));
  // A registry that has nothing, takes everything, and takes its time.
  slow = createServer(async (request, response) => {
    for await (const _ of request) await sleep(2);
    const status = { HEAD: 404, POST: 202 }[request.method ?? ''] ?? 201;
    response.writeHead(status, { location: '/up' }).end();
  });
  await once(slow.listen(0, '127.0.0.1'), 'listening');
  to = `127.0.0.1:${(slow.address() as AddressInfo).port}/app`;
});
afterEach(async () => {
  await closeServers();
  slow.closeAllConnections();
  slow.close();
  await rm(folder, { recursive: true, force: true });
});

const plain = (text: string) => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r\n', '\n');

realTest('script')(
  'a bar shows how far a push is, and leaves nothing but the lines of Docker behind; without a terminal there are lines alone',
  async () => {
    const bag = imageBag();
    bag.tag('app', '1', await bag.image({ layers: ['one'], layerSize: 12_000_000 }));
    const source = await bagRegistry(bag);
    const words = ['push', `${source.host}/app:1`, '--to', to, '--store', path.join(folder, 'store')];
    const { code, stdout } = await onTerminal(sourceCommand(...words), { HOME: folder }).done;
    expect(code).toBe(0);
    const shares = [...stdout.matchAll(/█░+ +(\d+)% {2}\S+ of 12MB {2}\d of 2 blobs/g)].map((match) =>
      Number(match[1]),
    );
    expect(shares.length).toBeGreaterThanOrEqual(2);
    expect(stdout.slice(stdout.lastIndexOf('█'))).toMatch(/^[^\n]*\n(?:\u001b\[[0-9;?]*[A-Za-z])*\u001b\[2K/);
    const said = plain(stdout);
    expect(said).toContain(`The push refers to repository [${to}]\n`);
    expect(said.match(/^[0-9a-f]{12}: Pushed$/gm)).toHaveLength(2);
    expect(said).toMatch(/\n1: digest: sha256:[0-9a-f]{64} size: \d+\n✓ \S+\/app:1 .*\n1 image, 2 blobs pushed, .*\n$/);
    const piped = await startSource([...words, '--json'], { HOME: folder }).done;
    expect(piped.stderr).toMatch(/^[^\u001b]*The push refers to[^\u001b]*$/);
    expect(JSON.parse(piped.stdout)).toMatchObject({ totals: { uploaded: 2 } });
  },
  30_000,
);
