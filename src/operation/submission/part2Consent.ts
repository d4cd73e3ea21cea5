import type { Claim, CodeableConcept, Consent } from '@medplum/fhirtypes';
import { contains } from '../../datatypes/date.ts';
import { unversioned } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import { businessFault, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** HL7's labels of records about treatment for substance use that 42 CFR Part 2 protects. */
const labels: readonly string[] = ['42CFRPart2', '42CFRPart2CD'];
const isPart2 = (coding: readonly { system?: string; code?: string }[] | undefined): boolean =>
  coding?.some((c) => c.system === system.actCode && labels.includes(c.code ?? '')) === true;

/**
 * A claim of a visit that 42 CFR Part 2 protects leaves only with the consent of the patient: an active Consent that
 * permits (provision or policy) what is labelled so, and that holds on the day it leaves. See 42 CFR 2.31 and 2.33.
 */
export async function part2Faults({ tx, on }: Pick<Call, 'tx' | 'on'>, claim: Claim): Promise<Issue[]> {
  if (!isPart2(claim.meta?.security)) return [];
  const patient = unversioned(claim.patient).reference ?? '';
  const consents = await find<Consent>(tx, 'Consent', { patient, status: 'active' });
  if (consents.some((consent) => permits(consent, on))) return [];
  const text =
    'the visit is protected by 42 CFR Part 2 and no consent of the patient is here: ask for it, or bill the patient';
  return [businessFault('part-2-consent', 'Claim.meta.security', text)];
}

function permits({ provision, policyRule }: Consent, on: string): boolean {
  if (!contains(provision?.period, on)) return false;
  const nested = provision?.provision ?? [];
  const all = provision ? [provision, ...nested] : [];
  const ofRule = isPart2Concept(policyRule) && provision?.type !== 'deny';
  const denies = all.some((p) => p.type === 'deny' && isPart2(p.securityLabel));
  const allows = all.some((p) => p.type === 'permit' && isPart2(p.securityLabel) && contains(p.period, on));
  return !denies && (ofRule || allows);
}

const isPart2Concept = (concept: CodeableConcept | undefined): boolean => isPart2(concept?.coding);
