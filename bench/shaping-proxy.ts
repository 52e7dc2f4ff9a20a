import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a connection is to be like: bytes a second towards the client, and the milliseconds an answer takes longer. */
export interface Shape {
  readonly rate?: number | undefined;
  readonly latencyMs?: number | undefined;
}

/** A TCP proxy on a free port of 127.0.0.1 that gives each connection its own rate and latency. */
export async function shapingProxy(target: string, { rate, latencyMs = 0 }: Shape) {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, upstream].map((it) => it.destroy()));
    }
    client.pipe(upstream);
    void forward(upstream, client, rate, latencyMs).catch(() => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Bytes leave no sooner than their latency after they came, and no faster than the rate. */
async function forward(from: Socket, to: Socket, rate: number | undefined, latencyMs: number): Promise<void> {
  let free = 0;
  for await (const chunk of from) {
    const now = performance.now();
    // A pause means a new answer, which takes its time to come.
    const start = now > free ? now + latencyMs : free;
    free = start + (rate ? ((chunk as Buffer).byteLength / rate) * 1000 : 0);
    const wait = start - now;
    if (wait > 1) await sleep(wait);
    if (!to.write(chunk as Buffer)) await once(to, 'drain');
  }
  to.end();
}
