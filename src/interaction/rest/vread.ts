import { gone, notFound } from '../../outcome/fhirError.ts';
import type { Reader } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import { builtIn } from '../conformance/builtIn.ts';
import type { Context } from '../context.ts';
import { unchanged } from './precondition.ts';
import { readShape } from './readShape.ts';
import type { FhirRequest } from './request.ts';

/** GET [base]/[type]/[id]/_history/[version]: one version. See https://hl7.org/fhir/R4/http.html#vread */
export async function vread(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { type, id, version: wanted } = request.target;
  if (type === undefined || id === undefined || wanted === undefined) throw notFound('it');
  const part = readShape(request, 'a vread');
  const stored = await reader.vread(type, id, Number(wanted));
  const version = stored ?? (wanted === '1' ? await builtIn(context, type, id) : undefined);
  if (!version) throw notFound(`${type}/${id}/_history/${wanted}`);
  if (version.deleted) throw gone(`${type}/${id}/_history/${wanted}`);
  if (unchanged(request, version)) return { status: 304, version };
  return { status: 200, version, body: part(type, version.json) };
}
