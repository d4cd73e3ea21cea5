import { readdirSync, readFileSync } from 'node:fs';
import type { Resource } from '@medplum/fhirtypes';

/** The resources of a folder of profiles, in the order of their files. */
const shippedIn = (name: string): readonly Resource[] => {
  const folder = new URL(`../../../profiles/${name}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Resource);
};

/** What the server's own extensions, code systems and value sets mean; made by script/makeDefinitions.ts. */
export const ownDefinitions = shippedIn('definition');

/** Questionnaires that the server brings along. */
export const ownQuestionnaires = shippedIn('questionnaire');
