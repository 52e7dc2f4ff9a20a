import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { beforeEach } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { type ScriptedRegistry, scriptedRegistry } from './scripted-registry.ts';
import type { Recorded } from './scripted-server.ts';

export const CHUNK = 64 * 1024;
export const SIZE = 16 * CHUNK + 1000;
export const BYTES = randomBytes(SIZE);
/** One blob of seventeen chunks, the last of them a short one. */
export const BLOB = { mediaType: 'application/octet-stream', digest: digestOf(BYTES), size: SIZE };

/** A closed range that was asked for, and what it would be answered with. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  readonly part: Buffer;
  /** How often a range that begins here was asked for before. */
  readonly before: number;
  readonly index: number;
}

/** A registry of the test that runs which has one blob, whole or in parts. */
export interface RangedRegistry extends Omit<ScriptedRegistry, 'script'> {
  /** Does the answer to a range itself if it returns true. */
  instead: (asked: Asked, response: ServerResponse, request: Recorded) => unknown;
  insteadOfWhole: (response: ServerResponse) => unknown;
  /** What was asked for, `bytes=0-9` or `whole`. */
  ranges(): string[];
  /** Bytes that were asked for, beyond those the blob has. */
  askedTwice(): number;
  /** The most requests at once. */
  readonly most: number;
}

export const headersOf = ({ from, to, part }: Asked) => ({
  'Content-Length': part.byteLength,
  'Content-Range': `bytes ${from}-${to}/${SIZE}`,
});
export const answer = (asked: Asked, response: ServerResponse) =>
  response.writeHead(206, headersOf(asked)).end(asked.part);
export const whole = (response: ServerResponse) => response.writeHead(200, { 'Content-Length': SIZE }).end(BYTES);

/** The range of a request; those before it are needed to tell how often it came. */
export function askedOf({ headers, index }: Recorded, requests: readonly Recorded[]): Asked | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [Number(first), Number(last)];
  const before = rangesOf(requests).filter((range) => range.startsWith(`bytes=${from}-`)).length - 1;
  return { from, to, part: BYTES.subarray(from, to + 1), before, index };
}

const rangesOf = (requests: readonly Recorded[]) => requests.map(({ headers }) => headers.range ?? 'whole');

/** A registry for each test of the file that calls this; it is closed after the test, and so are the clients it opened. */
export function rangedRegistry(): RangedRegistry {
  const scripted = scriptedRegistry();
  let [running, most] = [0, 0];
  const registry: RangedRegistry = {
    instead: () => false,
    insteadOfWhole: () => false,
    get host() {
      return scripted.host;
    },
    get origin() {
      return scripted.origin;
    },
    get requests() {
      return scripted.requests;
    },
    lines: () => scripted.lines(),
    ranges: () => rangesOf(scripted.requests),
    askedTwice: () =>
      rangesOf(scripted.requests).reduce((sum, range) => {
        const [, from, to] = /(\d+)-(\d+)/.exec(range) ?? [];
        return sum + Number(to) + 1 - Number(from);
      }, -SIZE),
    get most() {
      return most;
    },
  };
  beforeEach(() => {
    registry.instead = () => false;
    registry.insteadOfWhole = () => false;
    running = 0;
    most = 0;
    scripted.script = (request, response) => {
      running += 1;
      most = Math.max(most, running);
      response.on('close', () => {
        running -= 1;
      });
      const asked = askedOf(request, scripted.requests);
      if (asked && !registry.instead(asked, response, request)) answer(asked, response);
      else if (!asked && !registry.insteadOfWhole(response)) whole(response);
    };
  });
  return registry;
}
