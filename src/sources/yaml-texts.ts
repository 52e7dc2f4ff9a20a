import { LineCounter, parseDocument } from 'yaml';
import { PullError } from '../errors.ts';

const HINT = 'Write YAML, and a password between single quotes.';

/**
 * The value of a YAML document whose scalars are all texts, as they were written: `0123` and `no` stay what they are, and what is left empty is the empty
 * text. Throws INPUT_INVALID with the line; no word of the document comes into the message, for it may be a secret.
 */
export function parseYamlTexts(text: string, subject: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false, lineCounter: lines });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const { line } = lines.linePos(fault.pos[0]);
    const reason = `line ${line} is not YAML (${fault.code.toLowerCase().replaceAll('_', ' ')})`;
    throw new PullError('INPUT_INVALID', subject, reason, { hint: HINT });
  }
  try {
    return document.toJS();
  } catch {
    // An alias without its anchor: its name is what somebody meant to be a password.
    throw new PullError('INPUT_INVALID', subject, 'a text that begins with * needs quotes', { hint: HINT });
  }
}
