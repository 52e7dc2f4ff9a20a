import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { DOCKER_CERTIFICATES } from './docker-certificates.ts';

export interface ProxyRequest {
  /** `CONNECT registry.test:443` or `GET http://registry.test/v2/`. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  /** Whom the client certificate names, if one was shown. */
  readonly client: string | undefined;
}

export interface ConnectProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly requests: readonly ProxyRequest[];
  close(): Promise<void>;
}

const open = new Set<ConnectProxy>();

/** Closes every proxy that is still open. */
export async function closeProxies(): Promise<void> {
  await Promise.all([...open].map((proxy) => proxy.close()));
}

interface ProxyOptions {
  /** `user:password` */
  readonly login?: string;
  /** The status every request gets. */
  readonly refuse?: number;
  /** True to speak TLS, with a certificate of DOCKER_CERTIFICATES, and to ask for one. */
  readonly tls?: boolean;
}

/** A proxy on a free port of 127.0.0.1 that knows `*.test` as this machine and remembers all it could read. */
export async function connectProxy({ login, refuse, tls = false }: ProxyOptions = {}): Promise<ConnectProxy> {
  const requests: ProxyRequest[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    return socket;
  };
  const expected = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
  const verdict = ({ method, url, headers, socket }: IncomingMessage): number => {
    const client = tls ? (socket as TLSSocket).getPeerCertificate().subject?.CN : undefined;
    requests.push({ line: `${method} ${url}`, headers, client: client?.toString() });
    if (refuse !== undefined) return refuse;
    return expected === undefined || headers['proxy-authorization'] === expected ? 200 : 407;
  };
  const listener: RequestListener = (message, response) => {
    const status = verdict(message);
    if (status !== 200) return void response.writeHead(status).end();
    const url = new URL(message.url ?? '');
    const { 'proxy-authorization': _, ...headers } = message.headers;
    const onward = request(
      { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method: message.method, headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    onward.on('error', () => response.destroy()).end();
  };
  const { 'cert.pem': cert, 'key.pem': key } = DOCKER_CERTIFICATES;
  const server = tls
    ? createTlsServer({ cert, key, requestCert: true, rejectUnauthorized: false }, listener)
    : createServer(listener);
  server.on('tlsClientError', () => {});
  server.on('connection', keep);
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    const status = verdict(message);
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    const onward = keep(connect(Number(message.url?.split(':').at(-1)), '127.0.0.1'));
    onward.on('connect', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    onward.pipe(socket).pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: ConnectProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        open.delete(proxy);
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  open.add(proxy);
  return proxy;
}
