import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

const readme = new URL('README.md', import.meta.url);

const before = (loadavg()[0] ?? 0).toFixed(1);

/** What the figures were taken on, and how busy it was with other work before. */
export const machine = (): string =>
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ` +
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, load average before the run ${before}`;

/** A table of Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts a text between the markers of a section of bench/README.md in place of what stood there. */
export function record(section: string, text: string): void {
  const [begin, end] = [`<!-- begin ${section} -->`, `<!-- end ${section} -->`];
  const before = readFileSync(readme, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`bench/README.md has no section ${section}`);
  writeFileSync(readme, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
}
