import { clean } from '../lib/clean.ts';

/** Takes text with its line ends, as `process.stdout.write` does. */
export type Write = (text: string) => void;

/** The default way out: standard output, where the runner reads workflow commands. */
export const toStdout: Write = (text) => {
  process.stdout.write(text);
};

/**
 * One workflow command as a line, escaped as the runner undoes it ("Workflow commands for GitHub Actions", github/docs). The message may have several
 * lines; it cannot end the command or begin another.
 */
export function commandLine(
  command: 'error' | 'warning' | 'notice' | 'group' | 'endgroup',
  message = '',
  title?: string,
): string {
  const properties = title === undefined ? '' : ` title=${escapeProperty(clean(title))}`;
  return `::${command}${properties}::${escapeData(cleanLines(message))}\n`;
}

/** The command that has the runner mask a text in the log; the text is whole, for another would not be masked. */
export const maskLine = (secret: string): string => `::add-mask::${escapeData(secret)}\n`;

/** Text of several lines, each of them clean, empty ones dropped. */
export function cleanLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => clean(line));
  return lines.filter((line) => line !== '').join('\n');
}

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
