/** What became of a text with variables: the text and the variables that were taken for blank, or why there is none. */
export type Interpolated =
  | { readonly text: string; readonly blank: readonly string[] }
  | { readonly variable: string; readonly reason: string };

export type Lookup = (name: string) => string | undefined;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Text with variables as Compose reads it (compose-spec, "Interpolation"): `$A`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?error}`, `${A?error}`, `${A:+other}`,
 * `${A+other}`, nested, and `$$` for a dollar sign. A variable without a value is blank, and named. Never throws.
 */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  const blank: string[] = [];
  try {
    return { text: expand(text, lookup, blank, 0), blank };
  } catch (error) {
    if (error instanceof Unresolved) return { variable: error.variable, reason: error.message };
    throw error;
  }
}

class Unresolved extends Error {
  readonly variable: string;
  constructor(variable: string, reason: string) {
    super(reason);
    this.variable = variable;
  }
}

/** Deeper than anybody nests; a text that is deeper is no reference. */
const MAX_DEPTH = 20;

/** Characters. Variables made of variables would else grow without end. */
const MAX_LENGTH = 8192;

function expand(text: string, lookup: Lookup, blank: string[], depth: number): string {
  if (depth > MAX_DEPTH) throw new Unresolved('', 'is nested too deep');
  let result = '';
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '$') {
      result += text[at];
      at += 1;
    } else if (text[at + 1] === '$') {
      result += '$';
      at += 2;
    } else if (text[at + 1] === '{') {
      const end = closing(text, at + 2);
      result += braced(text.slice(at + 2, end), lookup, blank, depth);
      at = end + 1;
    } else {
      const name = NAME.exec(text.slice(at + 1))?.[0];
      if (name === undefined) throw new Unresolved('', 'has a $ that begins no variable; write $$ for a dollar sign');
      result += blankable(name, lookup, blank);
      at += 1 + name.length;
    }
    if (result.length > MAX_LENGTH)
      throw new Unresolved('', `is longer than ${MAX_LENGTH} characters with its variables`);
  }
  return result;
}

/** Where the brace that opened before `from` is closed. */
function closing(text: string, from: number): number {
  for (let at = from, open = 1; at < text.length; at += 1) {
    if (text.startsWith('${', at)) open += 1;
    else if (text[at] === '}') open -= 1;
    if (open === 0) return at;
  }
  throw new Unresolved('', 'has a brace that is not closed');
}

function braced(inner: string, lookup: Lookup, blank: string[], depth: number): string {
  const name = NAME.exec(inner)?.[0];
  const [, colon, operator, word = ''] = /^(:?)([-?+])(.*)$/s.exec(inner.slice(name?.length ?? 0)) ?? [];
  if (name === undefined || (operator === undefined && inner !== name))
    throw new Unresolved(name ?? '', `has \${${inner}}, which is no variable`);
  if (operator === undefined) return blankable(name, lookup, blank);
  const value = lookup(name);
  const isSet = value !== undefined && (colon === '' || value !== '');
  const other = () => expand(word, lookup, blank, depth + 1);
  if (operator === '+') return isSet ? other() : '';
  if (isSet) return value;
  if (operator === '-') return other();
  const said = other();
  throw new Unresolved(name, `needs ${name}, which is not set${said === '' ? '' : `: ${said}`}`);
}

function blankable(name: string, lookup: Lookup, blank: string[]): string {
  const value = lookup(name);
  if (value === undefined) blank.push(name);
  return value ?? '';
}
