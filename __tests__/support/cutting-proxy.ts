import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface CuttingProxy {
  /** `127.0.0.1:PORT`, to be asked in place of the server. */
  readonly host: string;
  /** How many connections it has cut. */
  cuts(): number;
  close(): Promise<void>;
}

/** Passes bytes on to a server; the first connection that has brought so many back stands still for a while, then breaks. */
export async function cuttingProxy(target: string, afterBytes: number, stillMs: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const [host = '', port = ''] = target.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
    }
    let brought = 0;
    client.pipe(upstream);
    upstream.on('end', () => client.end());
    upstream.on('data', async (bytes: Buffer) => {
      brought += bytes.byteLength;
      client.write(bytes);
      if (cuts > 0 || brought < afterBytes) return;
      cuts += 1;
      upstream.pause();
      await wait(stillMs);
      client.resetAndDestroy();
      upstream.destroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
