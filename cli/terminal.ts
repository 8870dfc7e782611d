/** Where the command line writes: data to stdout, progress to stderr. */
export interface Terminal {
  /** A line of data. */
  out(text: string): void;
  /** A line of progress or of trouble. */
  err(text: string): void;
  /** A line in place of the one that it showed before; there only where stderr is a terminal. */
  readonly live?: (text: string) => void;
  /** Whether stdout takes colour. */
  readonly colour: boolean;
}

/** Back to the beginning of the line, and erases it. */
const RENEW = '\r\u001b[2K';

export const processTerminal = (colour: boolean): Terminal => ({
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY ? { live: (text: string) => void process.stderr.write(`${RENEW}${text}`) } : {}),
  colour,
});
