import type { Binary, Claim, DocumentReference, Parameters, Patient, Task } from '@medplum/fhirtypes';
import { deniedBy } from '../billing/denial/denied.ts';
import { guideForReason } from '../billing/denial/denialGuide.ts';
import { toMoney, toText } from '../datatypes/cents.ts';
import { concept } from '../datatypes/coding.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText, referenceTo } from '../datatypes/reference.ts';
import { withoutVersions, unversionedText } from '../datatypes/sentVersion.ts';
import { createResource, readResource, resolve, updateResource } from '../interaction/repository.ts';
import { decided, type Issue } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { readDocuments, type Enclosed } from './appeal/documents.ts';
import { makePacket } from './appeal/packet.ts';
import { appealable, type Appealable } from './appeal/prepare.ts';
import { operationDefinition } from './definition.ts';
import { readGuide } from './denial/readGuide.ts';
import { distinct, sensitiveOf } from './label/labelled.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter, parameters } from './parameters.ts';
import { isTaken, releaseKey, reserveKey, taskKey } from './uniqueKey.ts';

type Stored<T> = T & { id: string };

/** POST [base]/Claim/[id]/$appeal: makes the packet of an appeal against what a payer decided, with its clock. */
export const claimAppeal: Operation = {
  definition: operationDefinition('Claim-appeal'),
  permission: 'submit-claim',
  async run(call): Promise<Parameters> {
    const { tx, input, on } = call;
    const claim = await readResource<Stored<Claim>>(tx, 'Claim', call.target.id ?? '');
    const made = await appealable(call, claim);
    const replaces = parameter(input, 'replace')?.valueBoolean === true;
    const { known, level } = made;
    if (known && (!replaces || known.businessStatus?.coding?.[0]?.code !== 'prepared')) {
      const text = `Task/${known.id} is the ${level.name} against this decision`;
      return answer([['task', known]], [decided('already-there', 'Task', text)]);
    }
    const patient = unversionedText(claim.patient.reference) ?? '';
    const documents = await readDocuments(call.view ?? tx, {
      named: ['representative', 'document'].flatMap((name) =>
        parameters(input, name).map((p) => ({ name, reference: p.valueReference })),
      ),
      ...{ patient, on, consent: parameter(input, 'consent')?.valueReference },
    });
    const guide = await readGuide(tx);
    const [carc = ''] = deniedBy(made.response).keys();
    const row = guideForReason(guide, carc, unversionedText(claim.insurer?.reference));
    const bytes =
      level.isForwarded === true
        ? undefined
        : await makePacket(tx, {
            ...{ ...made, claim, documents, on, step: row.step },
            patient: await resolve<Patient>(tx, 'Patient', { reference: patient }),
            letter: parameter(input, 'letter')?.valueString,
          });
    const packet = bytes && (await keepPacket(call, claim, { bytes, name: level.name, documents }));
    const task = await keepTask(call, claim, { made, packet });
    return answer(
      [['task', task], ...(packet ? [['packet', packet] as const] : [])],
      [
        ...made.issues,
        ...toldOf(made, task),
        ...row.evidence.map((e) => decided('evidence', 'Claim', `usually asked for: ${e}`)),
      ],
    );
  },
};

function toldOf({ level, disputed, deadline }: Appealable, task: Task): Issue[] {
  const by = deadline === undefined ? 'without a last day' : `until ${deadline}`;
  const text = `${referenceText(task)}: ${level.name} before ${level.before} over ${toText(disputed)}, to be filed ${by}`;
  return [decided('appeal-prepared', 'Task', text)];
}

/** The packet as a document of the chart, with the labels of the claim and of what goes with it; who sees it reads its bytes. */
async function keepPacket(
  { context, tx, on }: Call,
  claim: Stored<Claim>,
  of: { readonly bytes: Uint8Array; readonly name: string; readonly documents: readonly Enclosed[] },
): Promise<Stored<DocumentReference>> {
  const { bytes, name, documents } = of;
  const plain = withoutVersions(claim);
  const contentType = 'application/pdf';
  const security = distinct([...sensitiveOf(claim), ...documents.flatMap(({ labels }) => labels)]);
  const labelled = security.length === 0 ? {} : { meta: { security: [...security] } };
  const id = context.newId();
  const binary = await createResource<Binary>(context, tx, {
    ...{ resourceType: 'Binary', ...labelled, contentType },
    securityContext: { reference: `DocumentReference/${id}` },
    data: Buffer.from(bytes).toString('base64'),
  });
  return createResource<DocumentReference>(context, tx, {
    ...{ resourceType: 'DocumentReference', id, ...labelled },
    status: 'current',
    type: { text: 'Packet of an appeal' },
    subject: plain.patient,
    custodian: { reference: plain.provider.reference ?? '' },
    date: context.now(),
    description: name,
    content: [
      {
        attachment: {
          ...{ contentType, url: `Binary/${binary.id}`, size: bytes.length, creation: on },
          title: `Packet of the ${name}`,
        },
      },
    ],
    context: { related: [referenceTo(claim)] },
  });
}

/** The Task of the appeal: what is in dispute, on which level, and by when it must be filed. */
async function keepTask(
  { context, tx, on }: Call,
  claim: Stored<Claim>,
  { made, packet }: { readonly made: Appealable; readonly packet: Stored<DocumentReference> | undefined },
): Promise<Stored<Task>> {
  const { level, disputed, received, deadline, response, known } = made;
  const isFiled = level.isForwarded === true;
  const type = (code: string) => ({ type: concept(system.task, code) });
  const task: Task = {
    resourceType: 'Task',
    status: isFiled ? 'in-progress' : 'requested',
    businessStatus: concept(system.appealState, isFiled ? 'filed' : 'prepared'),
    intent: 'order',
    code: concept(system.task, 'appeal'),
    description: `${level.name} before ${level.before}`,
    focus: referenceTo(claim),
    for: withoutVersions(claim).patient,
    owner: withoutVersions(claim).provider,
    authoredOn: on,
    reasonReference: referenceTo(response),
    ...(deadline === undefined ? {} : { restriction: { period: { end: deadline } } }),
    input: [
      { ...type('appeal-route'), valueCode: level.route },
      { ...type('appeal-level'), valuePositiveInt: level.level },
      { ...type('disputed'), valueMoney: toMoney(disputed) },
      ...(made.goodCause === undefined ? [] : [{ ...type('good-cause'), valueString: made.goodCause }]),
      ...(received === undefined ? [] : [{ ...type('received'), valueDate: received }]),
      ...(level.decisionDays === undefined
        ? []
        : [{ ...type('decision-days'), valuePositiveInt: level.decisionDays }]),
    ],
    ...(packet ? { output: [{ ...type('appeal-packet'), valueReference: referenceTo(packet) }] } : {}),
  };
  if (known) return updateResource<Task>(context, tx, changed(task, { id: known.id }));
  const written = await createResource<Task>(context, tx, task);
  const detail = `${response.id}|${level.route}|${level.level.toString()}`;
  // the last appeal of the claim: what asks its patient for money looks for it
  for (const key of [
    taskKey('appeal', referenceText(claim), detail),
    taskKey('appeal', referenceText(claim)),
  ]) {
    if (await isTaken(tx, key)) await releaseKey(tx, key); // by one before, or by this one that was taken back
    await reserveKey(tx, key, referenceText(written));
  }
  return written;
}
