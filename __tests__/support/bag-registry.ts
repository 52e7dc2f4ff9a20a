import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Route, routeOf } from '../../src/server/routes.ts';
import type { ImageBag } from './image-builder.ts';
import { type Recorded, type ScriptedServer, scriptedServer, sendJson } from './scripted-server.ts';

/** A blob comes in pieces of so many bytes, with so many milliseconds after each. */
export interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

export interface BagRegistry extends ScriptedServer {
  /** How blobs come from now on; undefined for at once. */
  pace: Pace | undefined;
  /** Requests since the last call, as lines. */
  fresh(): string[];
  /** Bytes of blobs sent so far. */
  sent(): number;
}

/** Answers in place of the bag; false leaves it to the bag. */
export type Instead = (route: Route, response: ServerResponse, request: Recorded) => boolean;

/** A bag of images as a registry on loopback that can be slow, can do wrong, and remembers what it was asked. */
export async function bagRegistry(bag: ImageBag, instead: Instead = () => false): Promise<BagRegistry> {
  let seen = 0;
  let sent = 0;
  let pace: Pace | undefined;

  async function answer(request: Recorded, response: ServerResponse): Promise<void> {
    const route = routeOf(new URL(request.path, 'http://registry').pathname);
    if (!route) return sendJson(response, 404, { errors: [{ code: 'NAME_UNKNOWN', message: 'no such endpoint' }] });
    if (instead(route, response, request)) return;
    if (route.kind === 'base') return sendJson(response, 200, {});
    if (route.kind === 'tags') return sendJson(response, 200, { name: route.path, tags: bag.catalog.tags(route.path) });
    const target = bag.catalog.find(route.path, route.kind === 'manifest' ? route.reference : route.digest);
    const bytes = target && bag.blobs.get(target.digest)?.bytes;
    if (!target || !bytes)
      return sendJson(response, 404, {
        errors: [{ code: `${route.kind.toUpperCase()}_UNKNOWN`, message: 'not here' }],
      });
    response.writeHead(200, {
      'Content-Type': route.kind === 'manifest' ? target.mediaType : 'application/octet-stream',
      'Content-Length': bytes.byteLength,
      'Docker-Content-Digest': target.digest,
    });
    if (request.method === 'HEAD' || route.kind === 'manifest')
      return void response.end(request.method === 'HEAD' ? undefined : bytes);
    for (let at = 0; at < bytes.byteLength && !response.destroyed; ) {
      const part = bytes.subarray(at, pace ? at + pace.bytes : undefined);
      response.write(part);
      at += part.byteLength;
      sent += part.byteLength;
      if (pace) await sleep(pace.ms);
    }
    response.end();
  }

  const server = await scriptedServer(answer);
  return {
    ...server,
    get pace() {
      return pace;
    },
    set pace(next) {
      pace = next;
    },
    sent: () => sent,
    fresh() {
      const lines = server.lines().slice(seen);
      seen = server.requests.length;
      return lines;
    },
  };
}

/** The digests of manifests or blobs that requests ask for by GET, in order. */
export function fetched(lines: readonly string[], kind: 'blobs' | 'manifests'): string[] {
  return lines.flatMap((line) => new RegExp(`^GET [^ ]*/${kind}/(sha(?:256|512):[0-9a-f]+)`).exec(line)?.[1] ?? []);
}
