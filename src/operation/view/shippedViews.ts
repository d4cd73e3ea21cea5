import { readdirSync, readFileSync } from 'node:fs';
import type { Library } from '@medplum/fhirtypes';
import { viewType } from './keptView.ts';

const folder = new URL('../../../profiles/view/', import.meta.url);

interface Shipped {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly date: string;
  readonly publisher: string;
  readonly description: string;
}

/** The Library that keeps a view: R4 has no ViewDefinition. */
function libraryOf(text: string): Library {
  const { id, version, title, date, publisher, description } = JSON.parse(text) as Shipped;
  const name = id.replace(/(?:^|-)(.)/g, (_dash, letter: string) => letter.toUpperCase()); // as lib-0 wants it
  return {
    resourceType: 'Library',
    ...{ id, url: `https://claimwright.example/fhir/Library/${id}`, version, name, title },
    status: 'active',
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }],
    },
    ...{ date, publisher, description },
    content: [{ contentType: viewType, data: Buffer.from(text).toString('base64') }],
  };
}

/** The views of this server as Libraries; a stored Library of the same id hides its own. */
export const shippedViews: readonly Library[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => libraryOf(readFileSync(new URL(name, folder), 'utf8')));
