import type { Library } from '@medplum/fhirtypes';
import { isId } from '../../datatypes/id.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { builtIn } from '../../interaction/conformance/builtIn.ts';
import type { Context } from '../../interaction/context.ts';
import { findCanonical } from '../../interaction/terminology/findCanonical.ts';
import { parsed, readStored } from '../../interaction/repository.ts';
import { notFound, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';

/** The media type under which a Library keeps a ViewDefinition. */
export const viewType = 'application/json';

/** The ViewDefinition that a Library keeps in its content, as JSON. */
export function viewIn({ content = [] }: Library): unknown {
  for (const { contentType = '', data } of content)
    if (data !== undefined && /^application\/(?:fhir\+)?json/i.test(contentType)) {
      const found = json(data);
      if (
        typeof found === 'object' &&
        found !== null &&
        'resourceType' in found &&
        found.resourceType === 'ViewDefinition'
      )
        return found;
    }
  const text = 'the Library keeps no ViewDefinition: content with contentType application/json and data';
  throw unprocessable([businessFault('view-malformed', 'Library.content', text)]);
}

function json(data: string): unknown {
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The view of a Library, stored or shipped, that the caller sees. */
export async function keptView(context: Context, id: string): Promise<unknown> {
  const stored = await context.store.read('Library', id);
  const own = stored ? undefined : await builtIn(context, 'Library', id);
  return viewIn(parsed<Library>(own ?? (await readStored(context.store, 'Library', id))));
}

/** The view that a reference names: Library/1, ViewDefinition/1 (the Library of that id), or the canonical of a Library. */
export async function namedView(context: Context, reference: string): Promise<unknown> {
  const relative = reference.replace(/^ViewDefinition\//, 'Library/');
  const target = parseReference(relative);
  if (target?.type === 'Library' && isId(target.id)) return keptView(context, target.id);
  const found = await findCanonical<Library>(context, context.store, 'Library', reference);
  if (!found) throw notFound('The view');
  return viewIn(found);
}
