import { readFileSync } from 'node:fs';
import { outlined, outlineText } from '../x12/outline.ts';

/** Prints the outline of each file named: npm run x12 -- FILE… Ends with 1 where a file cannot be read. */
export function x12(files: readonly string[], say: (text: string) => void): number {
  if (files.length === 0) {
    say('npm run x12 -- FILE… prints X12 interchanges with the meaning of each element and their faults\n');
    return 1;
  }
  let failed = 0;
  for (const file of files) {
    if (files.length > 1) say(`== ${file}\n`);
    try {
      for (const line of outlined(readFileSync(file))) say(outlineText([line]));
    } catch (error) {
      failed = 1;
      say(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}\n`);
    }
  }
  return failed;
}

if (import.meta.main) {
  process.stdout.once('error', () => process.exit(0)); // who read it, such as head, has enough
  process.exitCode = x12(process.argv.slice(2), (text) => void process.stdout.write(text));
}
