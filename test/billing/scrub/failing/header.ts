import type { Claim } from '@medplum/fhirtypes';
import { concept, fails, lineOf, own, recode, warned, type Failing } from './case.ts';

const removed = (claim: Claim, url: string): unknown =>
  (claim.extension = claim.extension?.filter((e) => e.url !== own(url)) ?? []);

/** What is wrong with the head of a claim: kind, numbers, stay, signatures, accident. */
export const header: readonly Failing[] = [
  fails('claim-type', 'a preauthorisation', 'minimal', (c) => (c.use = 'preauthorization'), ['Claim.use']),
  fails('claim-type', 'a vision claim', 'minimal', (c) => recode(c.type, 'vision'), ['Claim.type']),
  fails(
    'patient-control-number',
    'of 21 characters',
    'minimal',
    (c) =>
      (c.identifier = [
        { system: 'https://claimwright.example/fhir/sid/patient-control-number', value: 'A'.repeat(21) },
      ]),
    ['Claim.identifier'],
  ),
  fails('patient-control-number', 'none', 'minimal', (c) => delete c.identifier, [
    warned('Claim.identifier'),
  ]),
  fails('created-date', 'in the future', 'minimal', (c) => (c.created = '2026-09-02'), ['Claim.created']),
  fails('created-date', 'only a month', 'minimal', (c) => (c.created = '2026-03'), ['Claim.created']),
  fails(
    'type-of-bill',
    'a class nobody publishes',
    'institutional',
    (c) => recode(c.supportingInfo?.[0]?.code, '0191'),
    ['Claim.supportingInfo[0].code'],
  ),
  fails(
    'type-of-bill',
    'without its leading zero',
    'institutional',
    (c) => recode(c.supportingInfo?.[0]?.code, '111'),
    [warned('Claim.supportingInfo[0].code')],
  ),
  fails('claim-kind', 'home health', 'institutional', (c) => recode(c.supportingInfo?.[0]?.code, '0329'), [
    'Claim.supportingInfo[0].code',
  ]),
  fails('claim-kind', 'hospice', 'institutional', (c) => recode(c.supportingInfo?.[0]?.code, '0811'), [
    'Claim.supportingInfo[0].code',
  ]),
  fails(
    'claim-kind',
    'skilled nursing',
    'institutional',
    (c) => recode(c.supportingInfo?.[0]?.code, '0211'),
    ['Claim.supportingInfo[0].code'],
  ),
  fails('claim-kind', 'an FQHC', 'institutional', (c) => recode(c.supportingInfo?.[0]?.code, '0771'), [
    'Claim.supportingInfo[0].code',
  ]),
  fails('claim-kind', 'dialysis', 'institutional', (c) => recode(c.supportingInfo?.[0]?.code, '0721'), [
    'Claim.supportingInfo[0].code',
  ]),
  fails('type-of-bill', 'none', 'institutional', (c) => c.supportingInfo?.shift(), ['Claim.supportingInfo']),
  fails(
    'type-of-bill',
    'on a professional claim',
    'minimal',
    (c) => (c.supportingInfo = [{ sequence: 1, category: concept('typeofbill'), code: concept('0111') }]),
    ['Claim.supportingInfo[0]'],
  ),
  fails(
    'frequency-prior-claim',
    'a replacement of nothing',
    'institutional',
    (c) => recode(c.supportingInfo?.[0]?.code, '0117'),
    ['Claim.related'],
  ),
  fails(
    'frequency-prior-claim',
    'an original with a prior claim',
    'institutional',
    (c) =>
      (c.related = [
        {
          relationship: {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: 'prior' },
            ],
          },
        },
      ]),
    ['Claim.related[0]', 'Claim.related[0].reference'],
  ),
  fails('admission', 'no date', 'institutional', (c) => c.supportingInfo?.splice(1, 1), [
    'Claim.supportingInfo',
  ]),
  fails(
    'admission',
    'a type that is reserved, an origin that is unknown',
    'institutional',
    (c) => [recode(c.supportingInfo?.[2]?.code, '7'), recode(c.supportingInfo?.[3]?.code, 'Z')],
    ['Claim.supportingInfo[2].code', 'Claim.supportingInfo[3].code'],
  ),
  fails(
    'admission',
    'after the stay',
    'institutional',
    (c) => c.supportingInfo?.[1] && (c.supportingInfo[1].timingPeriod = { start: '2026-02-09' }),
    ['Claim.supportingInfo[1].timing'],
  ),
  fails('discharge-status', 'none', 'institutional', (c) => c.supportingInfo?.splice(4, 1), [
    'Claim.supportingInfo',
  ]),
  fails('discharge-status', 'unknown', 'institutional', (c) => recode(c.supportingInfo?.[4]?.code, '10'), [
    'Claim.supportingInfo[4].code',
  ]),
  fails(
    'discharge-status',
    'still there, admit through discharge',
    'institutional',
    (c) => recode(c.supportingInfo?.[4]?.code, '30'),
    ['Claim.supportingInfo[4].code'],
  ),
  fails(
    'discharge-status',
    'has left, interim bill',
    'institutional',
    (c) => recode(c.supportingInfo?.[0]?.code, '0112'),
    ['Claim.supportingInfo[4].code'],
  ),
  fails('drg', 'none that exists', 'institutional', (c) => recode(c.supportingInfo?.[5]?.code, '999'), []),
  fails(
    'drg',
    'a number beyond the list',
    'institutional',
    (c) => recode(c.supportingInfo?.[5]?.code, '1999'),
    [warned('Claim.supportingInfo[5].code')],
  ),
  fails('signature', 'no signature of the provider', 'minimal', (c) => removed(c, 'provider-signature'), [
    warned(`Claim.extension('${own('provider-signature')}')`),
  ]),
  fails(
    'signature',
    'an assignment that is no code',
    'minimal',
    (c) => c.extension?.[1] && (c.extension[1].extension = [{ url: 'value', valueCode: 'Q' }]),
    [`Claim.extension('${own('accept-assignment')}')`],
  ),
  fails('accident', 'a car accident without state', 'complete', (c) => delete c.accident?.locationAddress, [
    'Claim.accident.location',
  ]),
  fails('accident', 'after the service', 'complete', (c) => c.accident && (c.accident.date = '2026-06-10'), [
    'Claim.accident.date',
  ]),
  fails('accident', 'of no kind', 'complete', (c) => delete c.accident?.type, ['Claim.accident.type']),
  fails(
    'supporting-sequence',
    'repeated, and pointed to where nothing is',
    'complete',
    (c) => [
      c.supportingInfo?.push({ sequence: 1, category: concept('info') }),
      (lineOf(c, 2).informationSequence = [9]),
    ],
    ['Claim.supportingInfo[1].sequence', 'Claim.item[2].informationSequence[0]'],
  ),
];
