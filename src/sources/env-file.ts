import { interpolate, type Lookup } from './interpolate.ts';

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/**
 * The variables of an `.env` file as Compose reads it: `NAME=value`, `export`, comments, 'single quotes' as they are, "double quotes" and bare values with variables,
 * those of the environment before those above in the file. A line that is none of these says nothing.
 */
export function parseEnvFile(text: string, environment: Lookup): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const lookup: Lookup = (name) => environment(name) ?? found.get(name);
  let rest = text.replaceAll('\r\n', '\n').replace(/^\ufeff/, '');
  while (rest !== '') {
    const assignment = ASSIGNMENT.exec(rest.slice(0, lineEnd(rest)));
    if (assignment) rest = rest.slice(assignment[0].length);
    const quoted = assignment && /^(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)")/.exec(rest);
    const line = rest.slice(0, lineEnd(rest));
    if (assignment?.[1] !== undefined) {
      const bare = line.replace(/(^|\s)#.*$/, '').trim();
      found.set(
        assignment[1],
        quoted?.[1] ?? expanded(quoted?.[2] === undefined ? bare : unescaped(quoted[2]), lookup),
      );
    }
    if (quoted) rest = rest.slice(quoted[0].length);
    rest = rest.slice(lineEnd(rest) + 1);
  }
  return found;
}

function lineEnd(text: string): number {
  const end = text.indexOf('\n');
  return end < 0 ? text.length : end;
}

const unescaped = (text: string): string => text.replace(/\\([nrt"\\])/g, (_, letter: string) => ESCAPES[letter] ?? '');

function expanded(text: string, lookup: Lookup): string {
  const result = interpolate(text, lookup);
  return 'text' in result ? result.text : text;
}
