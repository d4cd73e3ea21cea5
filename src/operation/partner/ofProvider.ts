import type { Claim, Organization, Practitioner } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { parsed, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { segmentOf, loopOf, type Loop } from '../../x12/loop.ts';
import { element } from '../../x12/segment.ts';
import type { SentClaim } from './compose.ts';

/** The claims of a set whose billing provider is the one that loop 2000C of a 277 names, by NPI or tax number. */
export async function claimsOfProvider(
  reader: Reader,
  level: Loop | undefined,
  claims: readonly SentClaim[],
): Promise<SentClaim[]> {
  const name = level && loopOf(level, '2100C');
  const nm1 = name && segmentOf(name, 'NM1');
  const number = nm1 ? plain(element(nm1, 9)) : '';
  if (!nm1 || number === '') return [];
  const uris = element(nm1, 8) === 'FI' ? [system.taxId, system.ein] : [system.npi];
  const known = new Map<string, boolean>();
  const isMeant = async (provider: string): Promise<boolean> => {
    const before = known.get(provider);
    if (before !== undefined) return before;
    const found = await partyAt(reader, provider);
    const meant = plain(identifierOf(found, ...uris) ?? '') === number;
    known.set(provider, meant);
    return meant;
  };
  const own: SentClaim[] = [];
  for (const claim of claims) {
    const found = await resolve<Claim>(reader, 'Claim', { reference: claim.claim });
    const provider = unversionedText(found?.provider.reference);
    if (provider !== undefined && (await isMeant(provider))) own.push(claim);
  }
  return own;
}

const plain = (number: string): string => number.replace(/[^0-9A-Za-z]/g, '');

async function partyAt(reader: Reader, name: string): Promise<Organization | Practitioner | undefined> {
  const target = parseReference(name);
  if (target?.type !== 'Organization' && target?.type !== 'Practitioner') return undefined;
  const stored = await reader.read(target.type, target.id);
  return stored && !stored.deleted ? parsed<Organization | Practitioner>(stored) : undefined;
}
