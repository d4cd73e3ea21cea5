import type { Basic } from '@medplum/fhirtypes';
import { lawOn, type CollectionLaw } from '../../billing/collection/law.ts';
import type { CollectionSettings } from '../../billing/collection/settings.ts';
import { find } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

/** The law under which an Account is collected: of the state the patient lives in, else of the practice. */
export async function lawOf(
  { tx }: Pick<Call, 'tx'>,
  of: Pick<PatientAccount, 'patient'>,
  { settings, day }: { readonly settings: CollectionSettings; readonly day: string },
): Promise<CollectionLaw | undefined> {
  const rows = await find<Basic>(tx, 'Basic', { code: `${system.basic}|collection-law` });
  const state = of.patient.address?.find((a) => a.state !== undefined)?.state ?? settings.state;
  return lawOn(rows, { state, facility: settings.facility, day });
}
