import type { Organization } from '@medplum/fhirtypes';
import type { Client } from './client.ts';
import { coverageBundle, payerBundle, payersOf } from './coverage.ts';
import type { Progress } from './progress.ts';
import { billingDay, billVisit, firstReason, type Billed } from './road.ts';
import type { LoadedPatient } from './visit.ts';
import { billingOrganizations, warningBundle } from './warnNpi.ts';

/** Scrub rules that loaded organisations get as warnings: their numbers are not real. */
export const warnedRules: readonly string[] = ['npi-check-digit'];

export interface Billing {
  readonly payers: readonly string[];
  readonly organizations: number; // whose rules were relaxed
  readonly billed: readonly Billed[];
}

/** Registers who pays, then takes every finished visit down the road: each patient's oldest first, patients abreast. */
export async function billAll(
  client: Client,
  patients: readonly LoadedPatient[],
  { asOf, progress }: { readonly asOf: string; readonly progress: Progress },
): Promise<Billing> {
  const payers = payersOf(patients);
  if (payers.length > 0) await post(client, payerBundle(payers));
  for (const patient of patients) {
    const bundle = patient.covered ? undefined : coverageBundle(patient);
    if (bundle) await post(client, bundle);
  }
  const organizations: Organization[] = await billingOrganizations(client, patients);
  const warning = warningBundle(organizations, warnedRules);
  if (warning) await post(client, warning);
  const total = patients.reduce(
    (sum, { visits }) => sum + visits.filter(({ finished }) => finished).length,
    0,
  );
  let done = 0;
  const ofPatients = await Promise.all(
    patients.map(async ({ visits }) => {
      const billed: Billed[] = [];
      for (const visit of visits) {
        if (!visit.finished) continue;
        billed.push(await billVisit(client, visit, billingDay(asOf, visit)));
        done += 1;
        progress.step(done, total, 'visits');
      }
      return billed;
    }),
  );
  progress.end();
  return { payers, organizations: organizations.length, billed: ofPatients.flat() };
}

/** Posts what the billing needs; a refusal is a fault of the load and stops it. */
async function post(client: Client, bundle: Parameters<Client['post']>[0]): Promise<void> {
  const reply = await client.post(bundle);
  if (reply.status !== 200) throw new Error(`a Bundle of the load was refused: ${firstReason(reply).text}`);
}
