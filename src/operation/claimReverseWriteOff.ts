import type { Claim, Parameters } from '@medplum/fhirtypes';
import { denialWriteOffReversed, denialWriteOffsOf, lastPosted } from '../billing/ledger/index.ts';
import { sameReference } from '../billing/payment/receipt.ts';
import { sum, toText } from '../datatypes/cents.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { decided, missing, unresolved } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { post } from './closing/post.ts';

const at = "Parameters.parameter.where(name='reference').value";

/** POST [base]/Claim/[id]/$reverse-write-off: what was given up of a denied receivable is denied again. */
export const claimReverseWriteOff: Operation = {
  definition: operationDefinition('Claim-reverse-write-off'),
  permission: 'write-off',
  async run(call): Promise<Parameters> {
    const { tx, context, input } = call;
    const claim = await readResource<Claim & { id: string }>(tx, 'Claim', call.target.id ?? '');
    const name = referenceText(claim);
    const reference = sameReference(parameter(input, 'reference')?.valueString ?? '');
    if (reference === '')
      throw unprocessable([missing('reference-missing', at, 'a write-off has a reference')]);
    const account = extensionOf(claim, extension.account)?.valueReference;
    const { journal } = await patientAccount(call, account, 'Claim.extension');
    const standing = denialWriteOffsOf(journal, name).find((e) => e.reference === reference);
    if (!standing) {
      const was = journal.some(
        (e) =>
          e.reason === 'denial-written-off' &&
          e.reference === reference &&
          e.postings.some((p) => p.claim === name),
      );
      if (was)
        return answer(
          [],
          [decided('already-there', 'Claim', `the write-off ${reference} is reversed already`)],
        );
      const text = `nothing of ${name} was written off under ${reference}`;
      throw unprocessable([unresolved('write-off-unknown', at, text)]);
    }
    const last = lastPosted(journal, new Set([name]));
    const on = last > call.on ? last : call.on;
    const head = { id: context.newId(), on, cause: versionText(claim) };
    await post(call, denialWriteOffReversed({ ...head, writtenOff: standing }));
    const amount = toText(sum(standing.postings.filter((p) => p.amount > 0).map((p) => p.amount)));
    return answer(
      [],
      [
        decided(
          'reversed',
          'Claim',
          `the write-off ${reference} of ${amount} is taken back: it is denied again`,
        ),
      ],
    );
  },
};
