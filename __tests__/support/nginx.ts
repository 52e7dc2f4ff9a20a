import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Issued } from './authority.ts';

export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

/** What nginx does beside handing on. */
export interface FrontOptions {
  /** The file of an authority: nobody is let in whom it does not know. */
  readonly clients?: string | undefined;
  /** So many requests at once are let in, all others are answered 503. */
  readonly atOnce?: number | undefined;
}

/** nginx on a free port of 127.0.0.1: TLS with this certificate, everything handed on to `to`. */
export async function startNginx(
  to: string,
  { cert, key }: Issued,
  { clients, atOnce }: FrontOptions = {},
): Promise<Front> {
  const root = await mkdtemp(path.join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const verify = clients === undefined ? '' : `ssl_client_certificate ${clients}; ssl_verify_client on;`;
  const limits = atOnce === undefined ? '' : `limit_conn few ${atOnce};`;
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${root}/${kind};`,
  );
  await writeFile(path.join(root, 'cert.pem'), cert);
  await writeFile(path.join(root, 'key.pem'), key);
  await writeFile(
    path.join(root, 'nginx.conf'),
    `daemon off; master_process off; pid ${root}/pid; error_log ${root}/error.log; events {}
    http {
      access_log off; client_max_body_size 0; ${bodies.join(' ')}
      limit_conn_zone $binary_remote_addr zone=few:1m;
      server {
        listen 127.0.0.1:${port} ssl; ${verify}
        ssl_certificate ${root}/cert.pem; ssl_certificate_key ${root}/key.pem; ${limits}
        location / { proxy_pass http://${to}; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https; }
      }
    }`,
  );
  const child = spawn('nginx', ['-p', root, '-c', path.join(root, 'nginx.conf')], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
    await rm(root, { recursive: true, force: true });
  };
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries > 200) {
      const log = await readFile(path.join(root, 'error.log'), 'utf8').catch(() => '');
      await stop();
      throw new Error(`nginx did not start: ${log}`);
    }
    await setTimeout(50);
  }
  return { port, stop };
}

/** Hands every request on to `to` after a while, and remembers all headers it came with. */
export async function startRecorder(
  to: string,
  delayMs = 0,
): Promise<Front & { readonly seen: readonly IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const [host, port] = to.split(':');
  const server = createServer(async (message, response) => {
    const { method, url: at, headers } = message;
    seen.push(headers);
    await setTimeout(delayMs);
    const onward = request({ host, port, path: at, method, headers }, (answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, seen, stop };
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
