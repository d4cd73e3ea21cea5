import type { Binary, Claim } from '@medplum/fhirtypes';
import { requestGuide, requestSet } from '../billing/authorization/request278.ts';
import { claimSet, guideOfForm, type Side } from '../billing/submission/claim837/claimSet.ts';
import { formOf, organizationOf, providerOf, type Problem } from '../billing/submission/claim837/sending.ts';
import { identifierOf } from '../datatypes/identifier.ts';
import type { Known } from '../datatypes/known.ts';
import { readResource } from '../interaction/repository.ts';
import { fhirError, unprocessable } from '../outcome/fhirError.ts';
import { details, type Issue } from '../outcome/issue.ts';
import { extension, system } from '../terminology/system.ts';
import { writeInterchange } from '../x12/write.ts';
import { X12WriteError } from '../x12/writeError.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { readSent } from './submission/readSent.ts';

/**
 * GET [base]/Claim/[id]/$x12: the 837 that a claim would be sent as, or was; the 278 of a prior authorization. It reads what
 * its caller may.
 */
export const claimX12: Operation = {
  definition: operationDefinition('Claim-x12'),
  asCaller: true,
  async run({ tx, target, on }): Promise<Binary> {
    const claim = await readResource<Claim>(tx, 'Claim', target.id ?? '');
    const known = await readSent(tx, claim);
    const write = claim.use === 'claim' ? interchangeOf : authorizationOf;
    const { text, problems } = orRefused(() => write(claim, known, on));
    const refused = problems.filter(({ refuses }) => refuses === true);
    if (refused.length > 0) throw unprocessable(refused.map(issueOf));
    const told = problems.map(({ expression, text: says }) => ({
      url: extension.x12Problem,
      valueString: `${expression}: ${says}`,
    }));
    return {
      resourceType: 'Binary',
      ...(told.length > 0 ? { meta: { extension: told } } : {}),
      contentType: 'application/EDI-X12',
      data: Buffer.from(text, 'utf8').toString('base64'),
    };
  },
};

/** What holds a separator, or is too long for its place, is a fault of the claim. */
function orRefused<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof X12WriteError)
      throw fhirError(422, 'business-rule', 'x12-not-written', error.message, 'Claim');
    throw error;
  }
}

const issueOf = ({ expression, text }: Problem): Issue => ({
  severity: 'error',
  code: 'business-rule',
  details: details('x12-not-written', text),
  expression: [expression],
});

/** An interchange of this claim alone. Sender and receiver are the provider and the payer; it is a test. */
function interchangeOf(
  claim: Claim,
  known: Known,
  on: string,
): { text: string; problems: readonly Problem[] } {
  const form = formOf(claim);
  if (!form)
    throw fhirError(422, 'business-rule', 'claim-type-not-carried', 'there is no 837 for this type of claim');
  const number = identifierOf(claim, system.patientControlNumber) ?? claim.id ?? '';
  const provider = providerOf(known, claim.provider)?.provider;
  const name = provider?.resourceType === 'Organization' ? provider.name : provider?.name?.[0]?.family;
  const payer = organizationOf(known, claim.insurer);
  const submitter: Side = {
    name: name ?? 'SUBMITTER',
    number: identifierOf(provider, system.npi) ?? 'SUBMITTER',
    phone: provider?.telecom?.find((t) => t.system === 'phone')?.value ?? '0000000000',
  };
  const receiver: Side = {
    name: payer?.name ?? 'RECEIVER',
    number: identifierOf(payer, system.payerId) ?? 'RECEIVER',
  };
  const date = on.replaceAll('-', '');
  const ids = { sender: submitter.number.slice(0, 15), receiver: receiver.number.slice(0, 15) };
  const header = { reference: number, date: on, time: '0000', submitter, receiver };
  const { set, problems } = claimSet(header, form, [{ claim, known, number }]);
  const version = guideOfForm[form];
  const sets = [{ controlNumber: '0001', set: '837', convention: version, content: set }];
  const text = writeInterchange(
    {
      senderQualifier: 'ZZ',
      receiverQualifier: 'ZZ',
      ...ids,
      date,
      time: '0000',
      controlNumber: 1,
      usage: 'T',
    },
    [{ functionalGroup: 'HC', ...ids, controlNumber: 1, version, date, time: '0000', sets }],
  );
  return { text, problems: problems.flat() };
}

/** An interchange that asks for this prior authorization alone; it is a test. */
function authorizationOf(
  claim: Claim,
  known: Known,
  on: string,
): { text: string; problems: readonly Problem[] } {
  const trace = identifierOf(claim, system.trace) ?? identifierOf(claim, system.patientControlNumber);
  const { set, problems } = requestSet(
    { claim, known, trace: trace ?? claim.id ?? '' },
    { on, time: '0000' },
  );
  const id = (party: { readonly identifier?: Claim['identifier'] } | undefined, uri: string, other: string) =>
    (identifierOf(party, uri) ?? other).slice(0, 15);
  const ids = {
    sender: id(providerOf(known, claim.provider)?.provider, system.npi, 'SUBMITTER'),
    receiver: id(organizationOf(known, claim.insurer), system.payerId, 'RECEIVER'),
  };
  const when = { date: on.replaceAll('-', ''), time: '0000' };
  const sets = [{ controlNumber: '0001', set: '278', convention: requestGuide, content: set }];
  const text = writeInterchange(
    { senderQualifier: 'ZZ', receiverQualifier: 'ZZ', ...ids, ...when, controlNumber: 1, usage: 'T' },
    [{ functionalGroup: 'HI', ...ids, controlNumber: 1, version: requestGuide, ...when, sets }],
  );
  return { text, problems };
}
