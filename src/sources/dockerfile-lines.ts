/** One instruction of a Dockerfile, its lines joined and its comments gone. */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  readonly rest: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

const DIRECTIVE = /^#\s*([A-Za-z]+)\s*=\s*(\S+)\s*$/;
const HEREDOC = /(?<![<\d])<<(-?)(["']?)([A-Za-z_][\w.-]*)\2/g;

/**
 * The instructions of a Dockerfile (dockerfile reference): continued lines joined, with the escape character the directive names; comments and empty lines inside
 * them left out, here-documents skipped.
 */
export function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const escapeCharacter = escapeOf(lines);
  const lastLines = lastLinesOf(lines);
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; ) {
    const first = at;
    let joined = '';
    let goesOn = true;
    while (goesOn && at < lines.length) {
      const line = lines[at] ?? '';
      at += 1;
      if (/^\s*#/.test(line)) {
        if (joined === '') break;
        continue;
      }
      if (line.trim() === '' && joined !== '') continue;
      const trimmed = line.trimEnd();
      goesOn = trimmed.endsWith(escapeCharacter);
      joined += goesOn ? `${trimmed.slice(0, -1)} ` : trimmed;
    }
    const [, keyword, rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(joined) ?? [];
    if (keyword === undefined) continue;
    const word = keyword.toUpperCase();
    found.push({ keyword: word, rest: rest.trim(), line: first + 1 });
    if (['RUN', 'COPY', 'ADD'].includes(word)) at = afterHeredocs(rest, lines, at, lastLines);
  }
  return found;
}

/** Directives stand before everything else, comments too. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name = '', value] = DIRECTIVE.exec(line.trim()) ?? [];
    if (value === undefined) return '\\';
    if (name.toLowerCase() === 'escape') return value;
  }
  return '\\';
}

/** By its text, where each line stands for the last time: as it is, and without the tabs before it. */
type LastLines = Readonly<Record<'' | '-', ReadonlyMap<string, number>>>;

const withoutTabs = (line: string): string => line.replace(/^\t+/, '');

const lastLinesOf = (lines: readonly string[]): LastLines => ({
  '': new Map(lines.map((line, at) => [line, at])),
  '-': new Map(lines.map((line, at) => [withoutTabs(line), at])),
});

/** What nothing ends is no here-document; that is known without a search, of which a file may ask for thousands. */
function afterHeredocs(rest: string, lines: readonly string[], from: number, lastLines: LastLines): number {
  let at = from;
  for (const [, dash, , word = ''] of rest.matchAll(HEREDOC)) {
    const kind = dash === '-' ? '-' : '';
    if ((lastLines[kind].get(word) ?? -1) < at) continue;
    while ((kind === '-' ? withoutTabs(lines[at] ?? '') : lines[at]) !== word) at += 1;
    at += 1;
  }
  return at;
}
