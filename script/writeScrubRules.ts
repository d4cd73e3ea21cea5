import { writeFileSync } from 'node:fs';
import { rules } from '../src/billing/scrub/rules/index.ts';
import { scrubTable } from './scrubTable.ts';

/** Writes docs/scrub-rules.md anew. */
writeFileSync(new URL('../docs/scrub-rules.md', import.meta.url), scrubTable(rules));
