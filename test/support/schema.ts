import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemaDocument } from '../../src/cli/schema/document.js';

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
const document = schemaDocument();
ajv.addSchema(document);

/** What a value has that `ipvs schema` does not allow: nothing when it is valid. @param name in `$defs`. */
export function schemaErrors(name: string, value: unknown): string[] {
  const validate = ajv.getSchema(`urn:ipvs:schema:1#/$defs/${name}`);
  if (validate === undefined) throw new Error(`no definition ${name}`);
  void validate(value);
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
