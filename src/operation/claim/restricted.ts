import type { Appointment, Claim, Consent, Encounter } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { parsePairs } from '../../search/parse.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { chargesOfClaim } from './correctedCharges.ts';

/** Whether the store holds any Consent: most stores are asked no further. */
const hasConsents = ({ context, tx }: Asking): Promise<boolean> =>
  typeCache(context, tx, {
    key: 'any-consent',
    types: ['Consent'],
    build: async (server) =>
      (await server.search(parsePairs('Consent', [['_count', '1']]))).matches.length > 0,
  });

type Asking = Pick<Call, 'context' | 'tx'>;

/**
 * What a patient who paid himself has asked no payer to be told of (45 CFR 164.522(a)(1)(vi)): the visits (Encounter/1)
 * and charges (ChargeItem/1) among these that an active Consent of policy hipaa-self-pay names in its provision.
 */
export async function restrictedAmong(call: Asking, named: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  if (named.length === 0 || !(await hasConsents(call))) return found;
  const wanted = new Set(named);
  for (let i = 0; i < named.length; i += atATime) {
    const data = named.slice(i, i + atATime).join(',');
    for (const consent of await find<Consent>(call.tx, 'Consent', { data, status: 'active' }))
      if (isSelfPay(consent)) for (const one of dataOf(consent)) if (wanted.has(one)) found.add(one);
  }
  return found;
}

const atATime = 50;

const isSelfPay = ({ policyRule }: Consent): boolean =>
  policyRule?.coding?.some((c) => c.system === system.consentPolicy && c.code === 'hipaa-self-pay') === true;

const dataOf = ({ provision }: Consent): string[] =>
  (provision?.data ?? []).flatMap(({ reference }) => {
    const target = parseReference(reference.reference);
    return target ? [`${target.type}/${target.id}`] : [];
  });

/** The visits and charges of a claim that no payer may be told of. */
export const restrictedOf = (call: Asking, claim: Claim): Promise<Set<string>> =>
  restrictedAmong(call, [
    ...new Set([
      ...(claim.item ?? []).flatMap((i) => (i.encounter ?? []).flatMap((e) => e.reference ?? [])),
      ...chargesOfClaim(claim),
    ]),
  ]);

interface Days {
  readonly patient: string; // Patient/1
  readonly from: string; // FHIR date
  readonly to: string;
}

/** The visits and appointments of a patient on these days that no payer may be told of. */
export async function selfPaidVisitsOn(call: Asking, { patient, from, to }: Days): Promise<string[]> {
  if (!(await hasConsents(call))) return [];
  const found = new Set<string>();
  for (const consent of await find<Consent>(call.tx, 'Consent', { patient, status: 'active' }))
    if (isSelfPay(consent))
      for (const name of dataOf(consent)) {
        const visit =
          (await resolve<Encounter>(call.tx, 'Encounter', { reference: name })) ??
          (await resolve<Appointment>(call.tx, 'Appointment', { reference: name }));
        const isOn = ([start, end]: readonly [string | undefined, string | undefined]): boolean =>
          start !== undefined && start.slice(0, 10) <= to && (end ?? start).slice(0, 10) >= from;
        if (visit?.resourceType === 'Encounter' && isOn([visit.period?.start, visit.period?.end]))
          found.add(name);
        if (visit?.resourceType === 'Appointment' && isOn([visit.start, visit.end])) found.add(name);
      }
  return [...found];
}

/** Whether a patient pays anything himself by an active Consent. */
export const paysByConsent = async (call: Asking, patient: string): Promise<boolean> =>
  (await hasConsents(call)) &&
  (await find<Consent>(call.tx, 'Consent', { patient, status: 'active' })).some(isSelfPay);

/** 422 where no payer may be told of a visit, or of any of these charges. */
export async function refuseRestricted(
  call: Asking,
  encounter: string,
  charges: readonly string[],
): Promise<void> {
  const found = await restrictedAmong(call, [encounter, ...charges]);
  if (found.size > 0) throw restrictedError([...found]);
}

export const restrictedError = (found: readonly string[]): Error =>
  unprocessable([
    businessFault(
      'hipaa-self-pay',
      'Consent',
      `no payer may be told of ${found.join(', ')}: the patient pays for it, $generate-invoice bills it`,
    ),
  ]);
