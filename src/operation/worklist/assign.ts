import type { Reference, Task } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, wrongValue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { practiceOf } from './practiceOf.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const assignees = ['Practitioner', 'PractitionerRole', 'CareTeam', 'Organization'];

/** A person or team becomes the owner; the practice stays the requester, so that its people go on to find the Task. */
export async function assign(
  tx: Reader,
  task: Task & { id: string },
  to: Reference,
): Promise<Task & { id: string }> {
  const target = parseReference(to.reference);
  if (!target || !assignees.includes(target.type) || !(await tx.read(target.type, target.id))) {
    const text =
      'work is assigned to a Practitioner, PractitionerRole or CareTeam that is here, or to the practice';
    throw unprocessable([wrongValue('assignee-unknown', at('assignee'), text)]);
  }
  const isOrganization = (of: Reference | undefined): boolean =>
    parseReference(of?.reference)?.type === 'Organization';
  const practice =
    [task.requester, task.owner].find(isOrganization) ??
    (await practiceOf(tx, { focus: task.focus?.reference ?? '' }));
  if (target.type === 'Organization' && practice?.reference !== to.reference) {
    const text = 'the work of a practice stays with it: name one of its people';
    throw unprocessable([wrongValue('assignee-unknown', at('assignee'), text)]);
  }
  const keeps = task.requester === undefined && practice ? { requester: practice } : {};
  if (
    task.requester !== undefined &&
    practice &&
    !isOrganization(task.requester) &&
    target.type !== 'Organization'
  ) {
    const text = 'who asked for the work is a person: it stays with the practice';
    throw unprocessable([businessFault('assignee-unknown', at('assignee'), text)]);
  }
  return changed(task, { ...keeps, owner: { reference: to.reference ?? '' } });
}
