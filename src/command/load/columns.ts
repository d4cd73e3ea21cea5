/** Lines of cells as text: the first column left, the others right, a rule under the head and above the last line. */
export function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const drawn = lines.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  const rule = '─'.repeat(Math.max(...drawn.map((line) => line.length)));
  return [drawn[0], rule, ...drawn.slice(1, -1), rule, drawn.at(-1)].join('\n');
}
