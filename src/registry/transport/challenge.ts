/** One way a server offers to authenticate (RFC 9110, 11.6.1); scheme and parameter names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: Readonly<Record<string, string>>;
}

const SPACE = /[ \t\r\n]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const COMMA = /[ \t\r\n]*,/y;
const QUOTED = /"(?:[^"\\]|\\[\s\S])*"/y;

/**
 * The challenges of all WWW-Authenticate headers, in order. Never throws: of a header that is malformed, what stands before the fault is kept.
 */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap(parseHeader);
}

/** The challenges that can be answered: Bearer that names its realm, and Basic. */
export function usableChallenges(challenges: readonly Challenge[]): readonly Challenge[] {
  return challenges.filter(({ scheme, params }) => scheme === 'basic' || (scheme === 'bearer' && params.realm));
}

function parseHeader(text: string): Challenge[] {
  const take = scanner(text);
  const found: { readonly scheme: string; readonly params: Record<string, string> }[] = [];
  let mustBeParameter = false;
  for (;;) {
    take(SPACE);
    const word = take(TOKEN)?.toLowerCase();
    if (word === undefined) return found;
    const challenge = found.at(-1);
    if (challenge && take(EQUALS) !== undefined) {
      const value = take(QUOTED)?.slice(1, -1).replace(/\\(.)/gs, '$1') ?? take(TOKEN);
      if (value === undefined) return found;
      challenge.params[word] = value;
    } else if (mustBeParameter) {
      return found;
    } else {
      found.push({ scheme: word, params: Object.create(null) });
      take(SPACE);
      // A scheme stands alone, before a token68 that nobody here can use, or before parameters, the first of them without a comma.
      take(TOKEN68);
      mustBeParameter = take(COMMA) === undefined;
      continue;
    }
    mustBeParameter = false;
    if (take(COMMA) === undefined) return found;
  }
}

/** Reads a text from left to right: each call takes what matches here, or nothing. */
function scanner(text: string): (pattern: RegExp) => string | undefined {
  let position = 0;
  return (pattern) => {
    pattern.lastIndex = position;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) position += match.length;
    return match;
  };
}
