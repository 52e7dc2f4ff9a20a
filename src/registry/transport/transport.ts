import type { ByteRange, Filler } from '../../ports.ts';
import type { Zone } from '../addresses.ts';
import { type Sender, sharesCredentials } from '../policy.ts';
import type { Turns } from './turns.ts';

/** What a request is for: the words its errors are made of. */
export interface Purpose {
  readonly kind: 'manifest' | 'blob' | 'tags' | 'token' | 'login' | 'search';
  /** True if something is to be written there. */
  readonly push?: boolean | undefined;
  /** The registry as the user knows it: `docker.io`. */
  readonly domain: string;
  /** The repository as people write it: `redis`, `ghcr.io/o/r`. */
  readonly repository: string;
  /** What is asked for, as people write it: `redis:7`, `redis@sha256:…`. */
  readonly target: string;
  /** The user name of the login that is used for this registry, if any, and where that was found. */
  readonly login?: string | undefined;
  readonly loginFrom?: string | undefined;
}

/** Names in lower case; a header that came more than once is a list. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent along; a stream is opened anew for each time it is sent, and has its length in `content-length`. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
  /** True if what is sent is large: then it goes over the connections of blobs, whatever the limit of the answer. */
  readonly bulk?: boolean | undefined;
  readonly purpose: Purpose;
  /**
   * The most bytes the body may have; it is read whole before the answer counts as arrived. Without it the body streams, over connections of its
   * own, so that small requests never wait behind blobs.
   */
  readonly limit?: number | undefined;
  /** Who named the URL, if that was neither the user nor the registry itself. */
  readonly sender?: Sender | undefined;
  /** True if another origin sent us on at any hop before the last. */
  readonly strayed?: boolean | undefined;
  /** The zone whose addresses may be connected to; any without. */
  readonly within?: Zone | undefined;
  /** True for a closed range where another range of the same blob was answered with a 206: nothing else is expected. */
  readonly plain?: boolean | undefined;
  /** Who can put a plain answer where it belongs without its bytes coming by here. */
  readonly into?: Into | undefined;
  /** True if a redirect to another origin is an error. */
  readonly sameOrigin?: boolean | undefined;
  /** What was waited already for what this request is a part of; without it nothing was. */
  readonly waits?: Waits | undefined;
  /** Whom it shares the connections to the host with; without it a refusal is a try like any other failure. */
  readonly turns?: Turns | undefined;
  /** Ends this request alone, whatever has come of it. */
  readonly ends?: AbortSignal | undefined;
}

/** What the tries of one question have waited, however many requests it takes. */
export interface Waits {
  /** Milliseconds so far. */
  ms: number;
  /** True if something may stand in for the answer, so that it is not worth a long wait; asked before the first such wait. */
  readonly standIn?: (() => Promise<boolean>) | undefined;
}

/** A closed range of a blob of `size` bytes, and who fills its file. */
export interface Into extends ByteRange {
  readonly filler: Filler;
  readonly size: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** The bytes as sent; to be read once, or discarded. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Instead of a body: up to which position of the blob the range is in its file, as it comes. */
  readonly landed?: AsyncIterable<number> | undefined;
  /** Ends an answer that nobody reads. */
  readonly discard: () => Promise<void>;
  /** Ends it at once, with its connection; whoever is reading gets an error. */
  readonly abort: () => void;
}

/** One exchange. Any status is an answer; a failure to get one is a PullError. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** A Send made of another. */
export type Wrap = (next: Send) => Send;

/** Wraps a Send so that the first wrap is the outermost. */
export function compose(...wraps: readonly Wrap[]): Wrap {
  return (send) => wraps.reduceRight((next, wrap) => wrap(next), send);
}

/** True if an origin other than that of the URL sent us on, at this hop or before. */
export const isSentOn = ({ sender, url, strayed }: HttpRequest): boolean =>
  strayed === true || (sender !== undefined && !sharesCredentials(sender.url, url));

/** Every value of a header; the name in lower case. */
export function headerValues(headers: Headers, name: string): readonly string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** The first value of a header; the name in lower case. */
export function header(headers: Headers, name: string): string | undefined {
  return headerValues(headers, name)[0];
}
