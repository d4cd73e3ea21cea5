import type { Claim, Encounter, EpisodeOfCare } from '@medplum/fhirtypes';
import { caseIn, isCompensation, type EpisodeCase } from '../../billing/claim/episodeCase.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

type Linked = Pick<Encounter, 'episodeOfCare'>;

/** The case that a visit belongs to: the first of its EpisodesOfCare that is one. */
export async function caseOfVisit(
  reader: Reader,
  { episodeOfCare = [] }: Linked,
): Promise<EpisodeCase | undefined> {
  for (const pointer of episodeOfCare) {
    const episode = await resolve<EpisodeOfCare>(reader, 'EpisodeOfCare', pointer);
    const found = episode && caseIn(episode);
    if (found) return found;
  }
  return undefined;
}

/** The case that a claim bills: of the first of its visits that has one. */
export async function caseOfClaim(reader: Reader, { item = [] }: Claim): Promise<EpisodeCase | undefined> {
  const visits = new Set(item.flatMap(({ encounter = [] }) => encounter.flatMap((e) => e.reference ?? [])));
  for (const reference of visits) {
    const visit = await resolve<Encounter>(reader, 'Encounter', { reference });
    const found = visit && (await caseOfVisit(reader, visit));
    if (found) return found;
  }
  return undefined;
}

/** The Coverages (Coverage/1) that pay for cases of a patient (Patient/1), and for nothing else. */
export async function coveragesOfCases(reader: Reader, patient: string): Promise<ReadonlySet<string>> {
  const episodes = await find<EpisodeOfCare>(reader, 'EpisodeOfCare', { patient });
  return new Set(episodes.flatMap((episode) => caseIn(episode)?.coverage ?? []));
}

/** The visits (Encounter/1) of a patient (Patient/1) that compensation for work answers for: nobody asks the patient. */
export async function compensatedVisits(reader: Reader, patient: string): Promise<ReadonlySet<string>> {
  const visits = new Set<string>();
  for (const episode of await find<EpisodeOfCare>(reader, 'EpisodeOfCare', { patient })) {
    const found = caseIn(episode);
    if (!found || !isCompensation(found)) continue;
    const of = await find<Encounter>(reader, 'Encounter', { 'episode-of-care': found.reference });
    for (const { id = '' } of of) visits.add(`Encounter/${id}`);
  }
  return visits;
}
