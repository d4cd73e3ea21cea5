import type { Claim, Parameters } from '@medplum/fhirtypes';
import { editRecord, mergedEdits, type ClaimEdit } from '../billing/claim/edit.ts';
import { layEdits } from '../billing/claim/layEdits.ts';
import { changed, without } from '../datatypes/json.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { createResource, readResource, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, type Issue } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { captureCharges } from './charge/captureCharges.ts';
import { cliniciansOf } from './charge/clinicians.ts';
import { readVisit } from './charge/visit.ts';
import { draftPlace, editsAt, type DraftPlace, type KeptEdits } from './claim/claimEdits.ts';
import { visitFormOf } from './claim/visitForms.ts';
import { draftClaims, partOf } from './claim/draftClaims.ts';
import { planClaims } from './claim/planClaims.ts';
import { readEdits } from './claim/readEdits.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { claimEditKey, reserveKey } from './uniqueKey.ts';

type Written = Claim & { id: string };

/** POST [base]/Claim/[id]/$edit: what a biller says on a draft besides the chart; every later draft says it too. */
export const claimEdit: Operation = {
  definition: operationDefinition('Claim-edit'),
  permission: 'edit-claim',
  async run(call): Promise<Parameters> {
    const claim = await readResource<Written>(call.tx, 'Claim', call.target.id ?? '');
    const name = referenceText(claim);
    if (claim.status !== 'draft') {
      throw conflict('claim-not-draft', `${name} is ${claim.status}: only a draft is edited`, 'Claim.status');
    }
    const place = draftPlace(claim);
    if (!place) {
      const text = `${name} was not drafted from a chart: change it by writing it`;
      throw unprocessable([businessFault('claim-without-chart', 'Claim', text)]);
    }
    const added = await readEdits(call, claim);
    const kept = await editsAt(call.tx, place);
    const edits = mergedEdits(kept.edits, added);
    await keep(call, claim, { place, kept, edits });
    const edited = decided('edited', 'Claim', `${name}: ${added.map((e) => e.element).join(', ')}`);
    await takeBackNumber(call, claim, added);
    const result =
      place.order === 1 ? await redraft(call, claim, place) : await layOver(call, claim, { edits, added });
    return answer([['claim', result.claim]], [edited, ...result.issues]);
  },
};

async function keep(
  { context, tx, on }: Call,
  claim: Written,
  {
    place,
    kept,
    edits,
  }: { readonly place: DraftPlace; readonly kept: KeptEdits; readonly edits: readonly ClaimEdit[] },
): Promise<void> {
  const of = { patient: claim.patient.reference ?? '', claim: referenceText(claim), on };
  const made = editRecord(kept.record, edits, of);
  const record = kept.record
    ? await updateResource(context, tx, changed(made, { id: kept.record.id }))
    : await createResource(context, tx, made);
  await reserveKey(tx, claimEditKey(place.encounter, place.order, place.part), referenceText(record));
}

/** A re-draft keeps the number of an authorisation that the chart does not give: one that is taken back goes first. */
async function takeBackNumber(
  { context, tx }: Call,
  claim: Written,
  added: readonly ClaimEdit[],
): Promise<void> {
  if (!added.some((e) => e.element === 'authorization-number' && e.values.length === 0)) return;
  const insurance = claim.insurance.map((i) => (i.focal ? without(i, 'preAuthRef') : i));
  await updateResource(context, tx, changed(claim, { insurance }));
}

interface Redrafted {
  readonly claim: Claim;
  readonly issues: readonly Issue[];
}

/** The draft anew from its chart, with its edits; 422 where the chart no longer gives it. */
async function redraft(call: Call, claim: Written, { encounter }: DraftPlace): Promise<Redrafted> {
  const visit = await captureCharges(call, await readVisit(call, parseReference(encounter)?.id ?? ''));
  const { parts } = await planClaims(call, visit);
  // a draft that was asked for in the other form is drafted in it again
  const asked = parts.some((p) => p.key === partOf(claim)) ? undefined : visitFormOf([claim]);
  const { claims, issues } = await draftClaims(call, visit, asked);
  const draft = claims.find((c) => c.id === claim.id);
  if (draft) return { claim: draft, issues };
  const text = 'the chart no longer gives this claim: run $generate-claim';
  throw unprocessable([businessFault('draft-out-of-date', 'Claim', text)]);
}

/** The draft for a further payer says what the claim before it said, and what its own edits say. */
async function layOver(
  { context, tx, on }: Call,
  claim: Written,
  { edits, added }: { readonly edits: readonly ClaimEdit[]; readonly added: readonly ClaimEdit[] },
): Promise<Redrafted> {
  const takenBack = added.filter((a) => !edits.includes(a) && a.element !== 'hold');
  if (takenBack.length > 0) {
    const text =
      'what was said on the draft for a further payer can be said otherwise, but not be taken back: give a value';
    const at = "Parameters.parameter.where(name='edit')";
    throw unprocessable([businessFault('not-editable', at, text)]);
  }
  const people = edits.flatMap((e) => e.values.flatMap((v) => v.valueReference?.reference ?? []));
  const isPerson = (r: string): boolean => parseReference(r)?.type.startsWith('Practitioner') === true;
  const clinician = await cliniciansOf(tx, people.filter(isPerson));
  const extensions = (claim.extension ?? []).filter((e) => e.url !== extension.claimHold);
  const laid = layEdits(changed(claim, { extension: extensions }), edits, { sources: new Map(), clinician });
  return {
    claim: await updateResource(context, tx, changed(laid.claim, { created: on })),
    issues: laid.issues,
  };
}
