/** What variables stand for; what is not in it is empty. */
export type Variables = Readonly<Record<string, string>>;

const VARIABLE = /^\$(?:\{([A-Za-z_]\w*)(?:(:[-+])([^}]*))?\}|([A-Za-z_]\w*))/;

/**
 * The words of an instruction's text as Docker's builder takes it apart (Dockerfile reference, "Environment replacement"): blanks part them, quotes and
 * backslashes keep them together and are gone, and `$name`, `${name}`, `${name:-else}` and `${name:+then}` are replaced, but within single quotes.
 */
export function wordsOf(text: string, variables: Variables): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (letter === quote) quote = '';
    else if (quote === '' && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= '';
    } else if (quote === '' && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === '\\' && quote !== "'" && isEscape(text[at + 1], quote)) {
      at += 1;
      word = (word ?? '') + (text[at] ?? '');
    } else {
      const variable = letter === '$' && quote !== "'" ? VARIABLE.exec(text.slice(at)) : null;
      word = (word ?? '') + (variable ? replaced(variable, variables) : letter);
      if (variable) at += variable[0].length - 1;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Within double quotes a backslash is one, but before what means something there. */
const isEscape = (next: string | undefined, quote: string): boolean =>
  next !== undefined && (quote === '' || /["$\\]/.test(next));

function replaced([, braced, how, other = '', bare = '']: RegExpExecArray, variables: Variables): string {
  const name = braced ?? bare;
  const value = Object.hasOwn(variables, name) ? (variables[name] ?? '') : '';
  if (how === ':+') return value === '' ? '' : other;
  return how === ':-' && value === '' ? other : value;
}
