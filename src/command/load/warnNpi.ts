import type { Bundle, Encounter, Organization } from '@medplum/fhirtypes';
import { extensionsOf } from '../../datatypes/extension.ts';
import { idOf } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { extension } from '../../terminology/system.ts';
import type { Client } from './client.ts';
import type { LoadedPatient } from './visit.ts';

/** Organisations that bill the loaded visits. */
export async function billingOrganizations(
  client: Client,
  patients: readonly LoadedPatient[],
): Promise<Organization[]> {
  const ids = new Set<string>();
  for (const { visits } of patients) {
    for (const { id, finished } of visits) {
      if (!finished) continue;
      const { serviceProvider } = await client.read<Encounter>('Encounter', id);
      const organization = idOf(serviceProvider, 'Organization');
      if (organization !== undefined) ids.add(organization);
    }
  }
  return Promise.all([...ids].sort().map((id) => client.read<Organization>('Organization', id)));
}

/** Organisations with a scrub rule turned into a warning, as a transaction; undefined when all have it already. */
export function warningBundle(
  organizations: readonly Organization[],
  rules: readonly string[],
): Bundle | undefined {
  const entry = organizations.flatMap((organization) => {
    const has = extensionsOf(organization, extension.scrubWarning).map((e) => e.valueCode);
    const missing = rules.filter((rule) => !has.includes(rule));
    if (missing.length === 0) return [];
    const added = missing.map((rule) => ({ url: extension.scrubWarning, valueCode: rule }));
    const resource: Organization = changed(organization, {
      extension: [...(organization.extension ?? []), ...added],
    });
    const { id = '', meta } = organization;
    return [
      {
        resource,
        request: {
          method: 'PUT' as const,
          url: `Organization/${id}`,
          ...(meta?.versionId === undefined ? {} : { ifMatch: `W/"${meta.versionId}"` }),
        },
      },
    ];
  });
  return entry.length === 0 ? undefined : { resourceType: 'Bundle', type: 'transaction', entry };
}
