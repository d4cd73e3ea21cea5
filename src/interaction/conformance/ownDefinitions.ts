import { readdirSync, readFileSync } from 'node:fs';
import type { Resource } from '@medplum/fhirtypes';

const folder = new URL('../../../profiles/definition/', import.meta.url);

/**
 * What the server's own extensions, code systems and value sets mean, in the order of their files; made by
 * script/makeDefinitions.ts.
 */
export const ownDefinitions: readonly Resource[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Resource);
