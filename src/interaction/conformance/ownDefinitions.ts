import { readdirSync, readFileSync } from 'node:fs';
import type { Resource } from '@medplum/fhirtypes';

const folders = ['definition', 'questionnaire'].map(
  (name) => new URL(`../../../profiles/${name}/`, import.meta.url),
);

/**
 * What the server's own extensions, code systems and value sets mean, made by script/makeDefinitions.ts, and the
 * questionnaires that it brings along; in the order of their files.
 */
export const ownDefinitions: readonly Resource[] = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Resource),
);
