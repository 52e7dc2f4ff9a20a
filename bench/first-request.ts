import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ours } from './contestants.ts';
import type { World } from './contests.ts';
import { median, ms, say, table, target } from './figures.ts';
import { inFolder } from './folder.ts';

const TIMES = 20;

/** Ours until its first request has come, and a Node that does nothing until it has gone, taking turns; `scale` below 1 takes fewer turns. */
export async function firstRequest({ scale }: World): Promise<void> {
  let asked = () => {};
  const server = createServer((_request, response) => {
    asked();
    response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoint = { host, scheme: 'http' as const, environment: {}, requests: async () => [] };
  const [bare, first]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < Math.max(3, TIMES * scale); turn += 1) {
    bare.push(await timed([process.execPath, '-e', '0'], (child) => once(child, 'exit')));
    const took = await inFolder((folder) => {
      const { file, args } = ours().command('first:1', folder, endpoint);
      const request = new Promise<void>((resolve) => {
        asked = resolve;
      });
      return timed([file, ...args], () => request);
    });
    first.push(took);
  }
  server.close();
  server.closeAllConnections();
  say(
    table(
      ['', 'median'],
      [
        ['node -e 0', ms(median(bare))],
        ['ours, to the first HTTP request', ms(median(first))],
      ],
    ),
  );
  say();
  say(target('beyond a bare Node', median(first) - median(bare), 150, ' ms'));
}

type Child = ReturnType<typeof spawn>;

/** Milliseconds from the start until something came about; then waits for the end. */
async function timed(
  [file = '', ...args]: readonly string[],
  until: (child: Child) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(file, args, { env: { PATH: process.env.PATH, HOME: process.env.HOME }, stdio: 'ignore' });
  const gone = once(child, 'exit');
  await until(child);
  const took = performance.now() - startedAt;
  await gone;
  return took;
}
