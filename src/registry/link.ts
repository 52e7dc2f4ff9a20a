/** A link of a Link header (RFC 8288): its target as written, and its parameters by name in lower case. */
export interface Link {
  readonly target: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The links of some headers. */
export interface Links {
  readonly links: readonly Link[];
  /** True if there was something that is not a link; `links` stops there. */
  readonly malformed: boolean;
}

const EMPTY = /[\s,]*$/y;
const TARGET = /[\s,]*<([^<>\u0000-\u0020\u007f]*)>/y;
const PARAM =
  /[ \t]*;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s",;\\]+)))?/y;
const END = /[ \t\r\n]*(?:,|$)/y;

/** The links of all Link headers, in order. Never throws. */
export function parseLinks(headers: readonly string[]): Links {
  const links: Link[] = [];
  for (const header of headers) {
    if (!parseHeader(header, links)) return { links, malformed: true };
  }
  return { links, malformed: false };
}

/** What `rel="next"` points to, as written; a link that says nothing of its relation counts too. */
export function nextLink(links: readonly Link[]): string | undefined {
  const isNext = ({ params }: Link) => (params.rel ?? 'next').toLowerCase().split(/\s+/).includes('next');
  return links.find(isNext)?.target;
}

/** The URL of a link, or undefined if it is none; `v2/…` counts from the root, as the registries that write it so mean it. */
export function resolveLink(target: string, request: URL): URL | undefined {
  const absolute = target.startsWith('v2/') ? `/${target}` : target;
  return target !== '' && URL.canParse(absolute, request.href) ? new URL(absolute, request) : undefined;
}

/** Adds the links of a header; false if it is malformed. */
function parseHeader(text: string, links: Link[]): boolean {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) position = pattern.lastIndex;
    return match;
  };
  while (!take(EMPTY)) {
    const target = take(TARGET)?.[1];
    if (target === undefined) return false;
    const params: Record<string, string> = Object.create(null);
    for (let param = take(PARAM); param; param = take(PARAM)) {
      const [, name = '', quoted, plain] = param;
      params[name.toLowerCase()] ??= quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '';
    }
    if (!take(END)) return false;
    links.push({ target, params });
  }
  return true;
}
