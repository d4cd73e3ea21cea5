import { gone, notFound } from '../../outcome/fhirError.ts';
import type { Reader } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import type { Context } from '../context.ts';
import { builtIn, hides } from '../conformance/builtIn.ts';
import { unchanged } from './precondition.ts';
import { readShape } from './readShape.ts';
import type { FhirRequest } from './request.ts';

/** GET [base]/[type]/[id]: the current version. See https://hl7.org/fhir/R4/http.html#read */
export async function read(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { type, id } = request.target;
  if (type === undefined || id === undefined) throw notFound('it');
  const wanted = readShape(request, 'a read');
  const stored = await reader.read(type, id);
  const version = hides(stored) ? stored : ((await builtIn(context, type, id)) ?? stored);
  if (!version) throw notFound(`${type}/${id}`);
  if (version.deleted) throw gone(`${type}/${id}`);
  if (unchanged(request, version)) return { status: 304, version };
  return { status: 200, version, body: wanted(type, version.json) };
}
