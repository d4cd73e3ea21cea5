import type { Claim } from '@medplum/fhirtypes';
import type { AdviceClaim } from '../../billing/remittance/advice.ts';
import { parseReference, referenceText, type Target } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { parsed } from '../../interaction/repository.ts';
import {
  awaitedAnswerKey,
  claimNumberKey,
  furtherAnswerKey,
  readKeysAhead,
  remittedKey,
  responseKey,
  taskKey,
  writtenHolder,
} from '../uniqueKey.ts';
import type { Desk } from './desk.ts';

/**
 * Asks for what posting some claims of a remittance will read, together: their keys, the claims they name, whom these
 * name. Posting reads each by itself; where a store answers over a network, it has them then.
 */
export async function readAhead(
  { call, payer, advice, reconciliation }: Desk,
  some: readonly AdviceClaim[],
): Promise<void> {
  const { tx } = call;
  if (some.length < 2) return;
  const remittance = referenceText(reconciliation);
  const isWorthIt = await readKeysAhead(tx, [
    ...some.map(({ ordinal }) => remittedKey(payer, advice.trace, ordinal)),
    ...some.map(({ patientControlNumber }) => claimNumberKey(patientControlNumber)),
    ...some.map(({ ordinal }) => taskKey('remittance-claim', remittance, ordinal.toString())),
  ]);
  if (!isWorthIt) return;
  const claims: Target[] = [];
  for (const { patientControlNumber } of some) {
    const target = parseReference(await writtenHolder(tx, claimNumberKey(patientControlNumber)));
    if (target?.type === 'Claim') claims.push({ type: 'Claim', id: target.id });
  }
  const names = claims.map(({ id }) => `Claim/${id}`);
  await tx.readAhead(claims);
  await readKeysAhead(
    tx,
    names.flatMap((name) => [
      ...[responseKey(name), furtherAnswerKey(name, 2), awaitedAnswerKey(name)],
      ...[taskKey('submission', name), taskKey('correction-awaited', name)],
    ]),
  );
  const further = new Map<string, Target>();
  const add = (reference: string | undefined): void => {
    const target = parseReference(unversionedText(reference));
    if (target) further.set(`${target.type}/${target.id}`, { type: target.type, id: target.id });
  };
  for (const { id } of claims) {
    const stored = await tx.read('Claim', id);
    if (!stored || stored.deleted) continue;
    for (const reference of namedBy(parsed<Claim>(stored))) add(reference);
    for (const key of [responseKey(`Claim/${id}`), taskKey('submission', `Claim/${id}`)])
      add(await writtenHolder(tx, key));
  }
  await tx.readAhead([...further.values()]);
}

const namedBy = ({
  patient,
  insurer,
  provider,
  payee,
  careTeam = [],
  insurance,
}: Claim): (string | undefined)[] => [
  ...[patient.reference, insurer?.reference, provider.reference, payee?.party?.reference],
  ...insurance.map((i) => i.coverage.reference),
  ...careTeam.map((member) => member.provider.reference),
];
